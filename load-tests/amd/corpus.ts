/**
 * `make corpus`: fetches and makes the voices, composes every item of the three parts from a seed, sends it over a line,
 * and writes the audio (G.711) with what is true of it to var/corpus. Then shortcuts.ts looks whether the corpus gives
 * the answer away by anything but the greeting; if it does, this fails. Read with items.ts.
 */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { linearToAlaw, linearToUlaw } from '../../dialer/amd/g711.ts'
import { byShare, pick, type Random, seeded } from '../chance.ts'
import { compose, type Kind, type Label, type Scene, type Voice } from './compose.ts'
import { corpusDir, type Item } from './items.ts'
import { drawLine, type Line, lostPackets, sent } from './line.ts'
import { checkShortcuts } from './shortcuts.ts'
import type { Part } from './sources.ts'
import { type Clip, openSpeechBank, type SpeechBank } from './speech-bank.ts'

const run = promisify(execFile)
const seed = 2026
/** Items of each label. */
const sizes: Record<Part, Record<Label, number>> = {
  train: { human: 4500, machine: 4500, other: 0 },
  validation: { human: 2500, machine: 2500, other: 0 },
  test: { human: 3400, machine: 3400, other: 1500 },
}
const languageShares = { pl: 2, cs: 2, sk: 2, hu: 2, sl: 2, de: 2, en: 2, it: 1, es: 1, fr: 1, more: 1.5 }
const noisyShare = 0.15

type Draft = Omit<Item, 'from' | 'length'> & { samples: Int16Array }

async function makePart(part: Part, bank: SpeechBank): Promise<void> {
  const random = seeded(createHash('md5').update(`${seed} ${part}`).digest().readInt32LE(0))
  const voices = voicesOf(part, bank)
  const talk = bank.clips.filter((clip) => clip.part === part && clip.kind === 'recorded').map(bank.samplesOf)
  const tunes = bank.clips.filter(({ kind }) => kind === 'music')
  const drafts: Draft[] = []
  for (const label of ['human', 'machine', 'other'] as const)
    for (let n = 0; n < sizes[part][label]; n++) {
      const about = drawVoice(random, voices)
      const noisy = random() < noisyShare
      const scene = compose(random, label, about.clips, bank, tunes)
      const line = drawLine(random, noisy)
      const { samples, ...truth } = throughLine(random, scene, line, talk)
      const { language, voice, recorded } = about
      drafts.push({ id: drafts.length, part, label, kind: scene.kind, language, voice, recorded, noisy, line, samples, ...truth })
    }
  await roundTrip(drafts.filter(({ line }) => line.codec === 'gsm'))
  const chunks: Uint8Array[] = []
  let from = 0
  const items = drafts.map(({ samples, ...item }): Item => {
    const bytes = item.line.codec === 'ulaw' ? linearToUlaw(samples) : linearToAlaw(samples)
    chunks.push(bytes)
    from += bytes.length
    return { ...item, from: from - bytes.length, length: bytes.length }
  })
  await writeFile(join(corpusDir, `${part}.g711`), Buffer.concat(chunks))
  await writeFile(join(corpusDir, `${part}.json`), JSON.stringify(items))
  process.stdout.write(`  ${part}: ${items.length} items, ${Math.round(from / 8000 / 60)} minutes, ${voices.length} voices\n`)
}

/** A voice in one language, and its clips. */
interface Speaker {
  language: string
  voice: string
  recorded: boolean
  clips: Voice
}

function voicesOf(part: Part, bank: SpeechBank): Speaker[] {
  const speakers = new Map<string, Speaker>()
  for (const clip of bank.clips) {
    if (clip.part !== part || clip.kind === 'music') continue
    const key = `${clip.voice} ${clip.language}`
    const { voice, language } = clip
    const speaker = speakers.get(key) ?? {
      language,
      voice,
      recorded: clip.kind === 'recorded',
      clips: { hellos: [], others: [] },
    }
    const list: Clip[] = clip.isHello ? speaker.clips.hellos : speaker.clips.others
    list.push(clip)
    speakers.set(key, speaker)
  }
  return [...speakers.values()].filter(({ clips }) => clips.others.length > 0)
}

/** First the language, then recorded or robot, then the voice: never by the label. */
function drawVoice(random: Random, speakers: Speaker[]): Speaker {
  const language = byShare(random, languageShares)
  const wantsRecorded = random() < 0.6
  const own = speakers.filter((one) => (language === 'more' ? !(one.language in languageShares) : one.language === language))
  const ofKind = own.filter(({ recorded }) => recorded === wantsRecorded)
  return pick(random, ofKind.length > 0 ? ofKind : own)
}

function throughLine(random: Random, scene: Scene, line: Line, talk: Int16Array[]) {
  const until = scene.beep?.onsetMs ?? scene.samples.length / 8
  const spoken = scene.kind === 'silent' || isTone(scene.kind) ? [] : speechIn(scene.samples, scene.speechFromMs ?? 0, until)
  const cut =
    line.clippedMs > 0 && spoken[0] ? Math.round(spoken[0][0] + Math.min(line.clippedMs, spoken[0][1] - spoken[0][0] - 100)) : 0
  const clean = padded(scene.samples.subarray(Math.max(0, cut) * 8))
  const moved = (ms: number) => Math.round(Math.max(0, ms - Math.max(0, cut)))
  return {
    samples: sent(random, clean, line, talk),
    lost: lostPackets(random, clean.length, line.loss),
    speech: spoken.map(([from, to]): [number, number] => [moved(from), moved(to)]),
    ...(scene.greetingEndMs === undefined
      ? {}
      : { greetingEndMs: spoken.length > 0 ? moved(lastBefore(spoken, scene.greetingEndMs)) : 0 }),
    ...(scene.speechFromMs ? { sitEndMs: moved(scene.speechFromMs) } : {}),
    ...(scene.beep ? { beep: { ...scene.beep, onsetMs: moved(scene.beep.onsetMs), endMs: moved(scene.beep.endMs) } } : {}),
  }
}

const isTone = (kind: Kind) => ['music', 'fax', 'busy', 'sit', 'ringback'].includes(kind)
const lastBefore = (spoken: [number, number][], ms: number) => spoken.findLast(([from]) => from < ms)?.[1] ?? ms

/** Where the clean samples are louder than 32 dB below speech; gaps under 120 ms are part of the words. */
function speechIn(samples: Int16Array, fromMs: number, untilMs: number): [number, number][] {
  const found: [number, number][] = []
  for (let at = Math.ceil(fromMs / 10) * 80; at + 80 <= Math.min(samples.length, untilMs * 8); at += 80) {
    const power = samples.subarray(at, at + 80).reduce((sum, sample) => sum + sample * sample, 0) / 80
    if (power < 75 ** 2) continue
    const last = found.at(-1)
    if (last && at / 8 - last[1] < 120) last[1] = at / 8 + 10
    else found.push([at / 8, at / 8 + 10])
  }
  return found.filter(([from, to]) => to - from >= 40)
}

function padded(samples: Int16Array): Int16Array {
  const whole = new Int16Array(Math.ceil(samples.length / 160) * 160)
  whole.set(samples)
  return whole
}

/** Through GSM 06.10 and back, all at once. */
async function roundTrip(drafts: Draft[]): Promise<void> {
  const files = ['gsm-in.raw', 'gsm.gsm', 'gsm-out.raw'].map((name) => join(corpusDir, name))
  const [before = '', coded = '', after = ''] = files
  const raw = ['-t', 'raw', '-r', '8000', '-c', '1', '-b', '16', '-e', 'signed']
  await writeFile(before, Buffer.concat(drafts.map(({ samples }) => new Uint8Array(samples.buffer))))
  await run('sox', ['-V1', ...raw, before, coded])
  await run('sox', ['-V1', coded, ...raw, after])
  const bytes = await readFile(after)
  const decoded = new Int16Array(bytes.buffer, bytes.byteOffset, bytes.length >> 1)
  let at = 0
  for (const draft of drafts) {
    draft.samples = decoded.slice(at, at + draft.samples.length)
    at += draft.samples.length
  }
  await Promise.all(files.map((file) => rm(file)))
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const bank = await openSpeechBank(corpusDir)
  for (const part of ['train', 'validation', 'test'] as const) await makePart(part, bank)
  if (!(await checkShortcuts())) process.exitCode = 1
}
