import t from 'tap'
import { createRtpClock, parseRtp, type RtpPacket } from './rtp.ts'

const source = 7
const packet = (sequence: number, timestamp: number, length = 160, from = source): RtpPacket => ({
  ...{ payloadType: 8, sequence, timestamp, source: from },
  payload: new Uint8Array(length),
})

t.test('a packet is read with its extension, contributors and padding taken off', async (t) => {
  const plain = Buffer.from([0x80, 0x88, 0x01, 0x02, 0, 0, 0, 160, 0, 0, 0, 7, 1, 2, 3])
  const read = parseRtp(plain)
  t.match(read, { payloadType: 8, sequence: 0x0102, timestamp: 160, source: 7 })
  t.strictSame([...(read?.payload ?? [])], [1, 2, 3])

  const contributor = [0, 0, 0, 9]
  const extension = [0xbe, 0xde, 0, 1, 5, 5, 5, 5]
  const dressed = Buffer.from([0xb1, 8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 7, ...contributor, ...extension, 1, 2, 3, 0, 2])
  t.strictSame([...(parseRtp(dressed)?.payload ?? [])], [1, 2, 3])

  t.equal(parseRtp(plain.subarray(0, 11)), undefined, 'cut short')
  t.equal(parseRtp(Buffer.from([0x40, ...plain.subarray(1)])), undefined, 'another version')
  t.equal(parseRtp(Buffer.from([0xa0, ...plain.subarray(1, 14), 200])), undefined, 'more padding than packet')
})

t.test('time runs with the timestamps, not with the arrivals', async (t) => {
  const clock = createRtpClock()
  t.strictSame(clock.place(packet(1, 1000), 5020), { at: 5000, lost: 0 }, 'the first one ends as it arrives')
  t.strictSame(clock.place(packet(2, 1160), 5190), { at: 5020, lost: 0 }, 'late by 150 ms, and no gap')
  t.strictSame(clock.place(packet(3, 1320), 5191), { at: 5040, lost: 0 })
})

t.test('what is missing leaves a gap: lost packets, silence that was not sent', async (t) => {
  const clock = createRtpClock()
  clock.place(packet(65_534, 2 ** 32 - 320), 20)
  t.strictSame(clock.place(packet(65_535, 2 ** 32 - 160), 40), { at: 20, lost: 0 })
  t.strictSame(clock.place(packet(2, 320), 100), { at: 80, lost: 2 }, 'counters that begin again')
  t.strictSame(clock.place(packet(3, 320 + 8 * 3000), 3100), { at: 3080, lost: 0 }, 'three seconds of silence')
  t.strictSame(clock.place(packet(4, 480 + 8 * 3000), 6120), { at: 6100, lost: 0 }, 'a sender that stops counting in silence')
})

t.test('doubled and overtaken packets are dropped; a new stream goes on by the clock', async (t) => {
  const clock = createRtpClock()
  clock.place(packet(1, 0), 20)
  clock.place(packet(3, 320), 60)
  t.equal(clock.place(packet(3, 320), 61), undefined)
  t.equal(clock.place(packet(2, 160), 62), undefined)
  t.strictSame(clock.place(packet(9000, 77, 160, 8), 200), { at: 180, lost: 0 })
  t.strictSame(clock.place(packet(9001, 77, 160, 8), 201), { at: 200, lost: 0 }, 'never before the end of the one before')
})
