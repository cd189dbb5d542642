/** The one kind of sound file Outpace keeps: WAV, 8 kHz, one channel, 16 bits. Reading its samples, and writing them. Pure. */

export const sampleRate = 8000
const bytesPerSample = 2
const headerBytes = 44

export const secondsOf = (samples: Uint8Array): number => samples.length / bytesPerSample / sampleRate

/** The samples of a file that telephone-sound.ts made; undefined: it is none. */
export function samplesOf(wav: Buffer): Buffer | undefined {
  const isOurs =
    wav.length >= headerBytes &&
    wav.toString('latin1', 0, 4) === 'RIFF' &&
    wav.toString('latin1', 8, 16) === 'WAVEfmt ' &&
    wav.readUInt16LE(20) === 1 &&
    wav.readUInt16LE(22) === 1 &&
    wav.readUInt32LE(24) === sampleRate &&
    wav.readUInt16LE(34) === 8 * bytesPerSample &&
    wav.toString('latin1', 36, 40) === 'data'
  return isOurs ? wav.subarray(headerBytes) : undefined
}

/** One file of these samples, one after the other. */
export function wavOf(pieces: Buffer[]): Buffer {
  const data = Buffer.concat(pieces)
  const header = Buffer.alloc(headerBytes)
  header.write('RIFF', 0, 'latin1')
  header.writeUInt32LE(headerBytes - 8 + data.length, 4)
  header.write('WAVEfmt ', 8, 'latin1')
  header.writeUInt32LE(16, 16)
  header.writeUInt16LE(1, 20)
  header.writeUInt16LE(1, 22)
  header.writeUInt32LE(sampleRate, 24)
  header.writeUInt32LE(sampleRate * bytesPerSample, 28)
  header.writeUInt16LE(bytesPerSample, 32)
  header.writeUInt16LE(8 * bytesPerSample, 34)
  header.write('data', 36, 'latin1')
  header.writeUInt32LE(data.length, 40)
  return Buffer.concat([header, data])
}
