/** A-law audio as a WAV file that any player opens (RIFF, format 6, 8 kHz, one channel). Pure. */
const samplesPerSecond = 8000
const alawFormat = 6

export function alawWav(alaw: Uint8Array): Buffer {
  const header = Buffer.alloc(46)
  header.write('RIFF', 0, 'latin1')
  header.writeUInt32LE(header.length - 8 + alaw.length, 4)
  header.write('WAVEfmt ', 8, 'latin1')
  header.writeUInt32LE(18, 16)
  header.writeUInt16LE(alawFormat, 20)
  header.writeUInt16LE(1, 22)
  header.writeUInt32LE(samplesPerSecond, 24)
  header.writeUInt32LE(samplesPerSecond, 28)
  header.writeUInt16LE(1, 32)
  header.writeUInt16LE(8, 34)
  header.write('data', 38, 'latin1')
  header.writeUInt32LE(alaw.length, 42)
  return Buffer.concat([header, alaw])
}
