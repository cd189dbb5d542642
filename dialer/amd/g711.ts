/**
 * G.711: telephone bytes to 16-bit samples and back, A-law (Europe) and µ-law (North America, Japan), by tables that
 * are built once. `into` lets a caller with many streams decode without making garbage. Pure; used wherever audio
 * comes in from the switch or goes out to it.
 */

function alawSample(byte: number): number {
  const value = byte ^ 0x55
  const exponent = (value >> 4) & 0x07
  const mantissa = ((value & 0x0f) << 4) + 8
  const magnitude = exponent === 0 ? mantissa : (mantissa + 0x100) << (exponent - 1)
  return value & 0x80 ? magnitude : -magnitude
}

function ulawSample(byte: number): number {
  const value = ~byte & 0xff
  const magnitude = ((((value & 0x0f) << 3) + 0x84) << ((value >> 4) & 0x07)) - 0x84
  return value & 0x80 ? -magnitude : magnitude
}

const alaw = Int16Array.from({ length: 256 }, (_, byte) => alawSample(byte))
const ulaw = Int16Array.from({ length: 256 }, (_, byte) => ulawSample(byte))
const toAlaw = nearest(alaw)
const toUlaw = nearest(ulaw)

/** For each 16-bit sample (shifted to 0..65535) the byte whose sample is nearest. */
function nearest(decoded: Int16Array): Uint8Array {
  const order = Array.from({ length: 256 }, (_, byte) => byte).sort((a, b) => (decoded[a] ?? 0) - (decoded[b] ?? 0))
  const bytes = new Uint8Array(65_536)
  let at = 0
  for (let sample = -32_768; sample < 32_768; sample++) {
    const distance = (index: number) => Math.abs((decoded[order[index] ?? 0] ?? 0) - sample)
    while (at < 255 && distance(at + 1) <= distance(at)) at++
    bytes[sample + 32_768] = order[at] ?? 0
  }
  return bytes
}

function decode(table: Int16Array, bytes: Uint8Array, into?: Int16Array): Int16Array {
  const samples = into ?? new Int16Array(bytes.length)
  for (let n = 0; n < bytes.length; n++) samples[n] = table[bytes[n] ?? 0] ?? 0
  return samples.length === bytes.length ? samples : samples.subarray(0, bytes.length)
}

function encode(table: Uint8Array, samples: Int16Array): Uint8Array {
  const bytes = new Uint8Array(samples.length)
  for (let n = 0; n < samples.length; n++) bytes[n] = table[(samples[n] ?? 0) + 32_768] ?? 0
  return bytes
}

export const alawToLinear = (bytes: Uint8Array, into?: Int16Array): Int16Array => decode(alaw, bytes, into)
export const ulawToLinear = (bytes: Uint8Array, into?: Int16Array): Int16Array => decode(ulaw, bytes, into)
export const linearToAlaw = (samples: Int16Array): Uint8Array => encode(toAlaw, samples)
export const linearToUlaw = (samples: Int16Array): Uint8Array => encode(toUlaw, samples)
