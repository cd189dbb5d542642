/**
 * The audio files of the far end: raw G.711 A-law, made once (speech by espeak-ng) and kept under var/.
 * Which file is played when is said in sipp-scenarios/; the arithmetic is signal.ts.
 */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { access, mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { concat, encodeAlaw, fit, mix, noise, resample, type Samples, silence, tone } from './signal.ts'

const run = promisify(execFile)

/** Marker tones, far enough from each other, from speech fundamentals and from DTMF to be told apart. */
export const tones = { callee: 1004, agent: 620, beep: 1400, ringback: 425 } as const

/** What a SIPp agent can say all day. */
export type Voice = 'speech' | 'tone' | 'silence'

const recipes: Record<string, () => Promise<Samples>> = {
  person: async () => person(await speak('pl', 'Halo?'), await speak('pl', 'Tak, słucham. Kto mówi? Proszę mówić głośniej.')),
  'person-noisy': async () =>
    mix(
      await person(await speak('de', 'Hallo?'), await speak('de', 'Ja bitte, wer ist denn da? Ich bin unterwegs.')),
      noise(1, 0.013),
    ),
  'person-tone': async () => concat(silence(0.3), fit(await speak('cs', 'Haló?'), 0.8), silence(1.2), tone(tones.callee, 60)),
  machine: async () =>
    greeting(await speak('en-us', 'Hello. You have reached our voice mail. Please leave a message after the tone.'), 5),
  'machine-long': async () =>
    greeting(
      await speak(
        'en-gb',
        'Good day. You have reached the number of the Example family. We are sorry that nobody can take your call just now. ' +
          'Please leave your name, your number and a short message after the tone, and we will call you back.',
      ),
      12,
    ),
  ringback: async () => concat(tone(tones.ringback, 1, 0.15), silence(4)),
  'agent-speech': async () => concat(await speak('pl', 'Dzień dobry, dzwonię w sprawie państwa umowy.'), silence(2)),
  'agent-tone': async () => tone(tones.agent, 10),
  'agent-silence': async () => silence(10),
}

/** Makes what is missing and returns the directory; every file is NAME.al. */
export async function prepareAudio(dataDir = 'var'): Promise<string> {
  const directory = resolve(dataDir, 'load-tests', `audio-${await version()}`)
  await mkdir(directory, { recursive: true })
  for (const [name, recipe] of Object.entries(recipes)) {
    const file = join(directory, `${name}.al`)
    const there = await access(file).then(
      () => true,
      () => false,
    )
    if (there) continue
    await writeFile(`${file}.${process.pid}`, encodeAlaw(await recipe()))
    await rename(`${file}.${process.pid}`, file)
  }
  return directory
}

/** Other recipes, other files. */
async function version(): Promise<string> {
  const hash = createHash('md5')
  for (const source of ['audio.ts', 'signal.ts']) hash.update(await readFile(join(import.meta.dirname, source)))
  return hash.digest('hex').slice(0, 8)
}

/** A short hello, a pause to listen (what tells a person from a machine), then talk. */
async function person(hello: Samples, talk: Samples): Promise<Samples> {
  return concat(silence(0.3), fit(hello, 0.8), silence(1.5), talk, silence(2), talk, silence(3))
}

/** A greeting of this length, the beep, and the silence of a recording machine. */
function greeting(speech: Samples, seconds: number): Samples {
  return concat(silence(0.3), fit(speech, seconds - 0.5), silence(0.2), tone(tones.beep, 0.4), silence(60))
}

export async function speak(voice: string, words: string): Promise<Samples> {
  const { stdout } = await run('espeak-ng', ['-v', voice, '-s', '150', '--stdout', words], {
    encoding: 'buffer',
    maxBuffer: 16 * 2 ** 20,
  })
  const rate = stdout.readUInt32LE(24)
  const body = stdout.subarray(44)
  const samples = Float64Array.from({ length: body.length >> 1 }, (_, n) => body.readInt16LE(2 * n) / 32_768)
  return withoutSilentEdges(resample(samples, rate))
}

function withoutSilentEdges(samples: Samples): Samples {
  const loud = (sample: number) => Math.abs(sample) > 0.02
  return samples.slice(Math.max(0, samples.findIndex(loud)), samples.findLastIndex(loud) + 1)
}
