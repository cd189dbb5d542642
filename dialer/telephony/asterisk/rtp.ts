/**
 * RTP as the switch sends it to us: what a packet holds (RFC 3550), and when what it holds was said. Pure.
 * The time of a packet is counted by the stream's own timestamps from the arrival of its first one: silence that was not
 * sent and packets that were lost leave a gap, and a packet that only came late leaves none. Used by audio-socket.ts.
 */

export interface RtpPacket {
  payloadType: number
  sequence: number
  timestamp: number
  source: number
  payload: Uint8Array
}

const samplesPerMs = 8
/** Beyond this the timestamps no longer say what the clock says (a sender that stops counting in silence): counted anew. */
const maxSkewMs = 1000
/** A sequence number further away than this is another stream's, not a packet late or lost. */
const maxSequenceJump = 1000

/** Undefined for what is no RTP, or is cut short. */
export function parseRtp(bytes: Uint8Array): RtpPacket | undefined {
  if (bytes.length < 12) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const flags = view.getUint8(0)
  if (flags >> 6 !== 2) return undefined
  let start = 12 + 4 * (flags & 0x0f)
  if (flags & 0x10) {
    if (bytes.length < start + 4) return undefined
    start += 4 + 4 * view.getUint16(start + 2)
  }
  const end = bytes.length - (flags & 0x20 ? view.getUint8(bytes.length - 1) : 0)
  if (end < start) return undefined
  return {
    payloadType: view.getUint8(1) & 0x7f,
    sequence: view.getUint16(2),
    timestamp: view.getUint32(4),
    source: view.getUint32(8),
    payload: bytes.subarray(start, end),
  }
}

export interface PlacedPacket {
  /** Epoch ms of the first sample. Never before the end of the packet before it. */
  at: number
  /** Packets that should have come between the last one and this one. */
  lost: number
}

export interface RtpClock {
  /** Undefined: a packet that came twice, or after a later one. */
  place(packet: RtpPacket, arrivedAt: number): PlacedPacket | undefined
}

export function createRtpClock(): RtpClock {
  let last: { sequence: number; timestamp: number; source: number; at: number; end: number } | undefined

  return {
    place({ sequence, timestamp, source, payload }, arrivedAt) {
      const durationMs = payload.length / samplesPerMs
      const byClock = arrivedAt - durationMs
      const ahead = last?.source === source ? signed(sequence - last.sequence, 16) : Number.POSITIVE_INFINITY
      const follows = last !== undefined && Math.abs(ahead) <= maxSequenceJump
      if (follows && ahead <= 0) return undefined
      const byTimestamp = last && follows ? last.at + signed(timestamp - last.timestamp, 32) / samplesPerMs : byClock
      const said = Math.abs(byClock - byTimestamp) > maxSkewMs ? byClock : byTimestamp
      const at = Math.max(said, last?.end ?? said)
      last = { sequence, timestamp, source, at, end: at + durationMs }
      return { at, lost: follows ? ahead - 1 : 0 }
    },
  }
}

/** The difference of two counters that begin again after `bits` bits, as a signed number. */
function signed(difference: number, bits: 16 | 32): number {
  const whole = 2 ** bits
  const wrapped = ((difference % whole) + whole) % whole
  return wrapped >= whole / 2 ? wrapped - whole : wrapped
}
