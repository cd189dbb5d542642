/**
 * Clips of speech by voice: fetches the packages of sources.ts (and checks their hashes), decodes them with sox, lets
 * espeak-ng speak phrases.ts, cuts the silent edges and brings all to one level. Written once to var/corpus/speech as
 * raw 8 kHz samples and an index. Called by corpus.ts.
 */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { access, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Random, seeded } from '../chance.ts'
import { phrases } from './phrases.ts'
import { music, type Part, packages, recordedVoices, robotThroats } from './sources.ts'

const run = promisify(execFile)
const rate = 8000
/** Samples of the louder parts have this mean square root. */
const speechLevel = 3000

export interface Clip {
  voice: string
  language: string
  part: Part
  kind: 'recorded' | 'robot' | 'music'
  /** How a robot says hello; recorded voices have no such mark. */
  isHello: boolean
  from: number
  length: number
}

export interface SpeechBank {
  clips: Clip[]
  samplesOf(clip: Clip): Int16Array
}

export async function openSpeechBank(directory: string): Promise<SpeechBank> {
  const file = join(directory, 'speech.json')
  if (!(await exists(file))) await build(directory)
  const clips: Clip[] = JSON.parse(await readFile(file, 'utf8'))
  const bytes = await readFile(join(directory, 'speech.s16'))
  const samples = new Int16Array(bytes.buffer, bytes.byteOffset, bytes.length >> 1)
  return { clips, samplesOf: ({ from, length }) => samples.subarray(from, from + length) }
}

async function build(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true })
  const clips: Clip[] = []
  const parts: Int16Array[] = []
  let total = 0
  const add = (clip: Omit<Clip, 'from' | 'length'>, raw: Int16Array) => {
    const samples = clip.kind === 'music' ? raw : levelled(withoutEdges(raw))
    if (samples.length < rate * 0.18) return
    clips.push({ ...clip, from: total, length: samples.length })
    parts.push(samples)
    total += samples.length
  }
  const folders = await unpack(directory)
  for (const voice of recordedVoices) {
    const files = await filesOf(folders.get(voice.package) ?? '', voice.path)
    if (files.length === 0) throw new Error(`no files of ${voice.id} in ${voice.package}`)
    const about = { voice: voice.id, language: voice.language, part: voice.part, kind: 'recorded', isHello: false } as const
    for (const samples of await decode(files, directory)) add(about, samples)
    process.stdout.write(`  ${voice.id}: ${files.length} files\n`)
  }
  for (const samples of await decode(await filesOf(folders.get(music.package) ?? '', music.path), directory))
    add({ voice: 'music', language: '', part: 'test', kind: 'music', isHello: false }, samples)
  for (const [part, throats] of Object.entries(robotThroats))
    for (const throat of throats) await speakAll(throat, part === 'train' || part === 'test' ? part : 'validation', add)
  const whole = new Int16Array(total)
  for (const [n, clip] of clips.entries()) whole.set(parts[n] ?? [], clip.from)
  await writeFile(join(directory, 'speech.s16'), new Uint8Array(whole.buffer))
  await writeFile(join(directory, 'speech.json'), JSON.stringify(clips))
}

/** Fetches what is missing, refuses what has another hash, and returns package -> folder. */
async function unpack(directory: string): Promise<Map<string, string>> {
  const folders = new Map<string, string>()
  const store = join(directory, 'packages')
  await mkdir(store, { recursive: true })
  for (const { name, version, sha256 } of packages) {
    const folder = join(store, name)
    folders.set(name, folder)
    if (await exists(folder)) continue
    process.stdout.write(`  fetching ${name} ${version}\n`)
    await download(`${name}=${version}`, store)
    const file = (await readdir(store)).find((one) => one.startsWith(`${name}_`) && one.endsWith('.deb'))
    if (!file) throw new Error(`${name} ${version} was not downloaded`)
    const path = join(store, file)
    const hash = createHash('sha256')
      .update(await readFile(path))
      .digest('hex')
    if (hash !== sha256) throw new Error(`${name} ${version} has another hash: ${hash}`)
    await run('dpkg-deb', ['-x', path, `${folder}.part`])
    await rename(`${folder}.part`, folder)
    await rm(path)
  }
  return folders
}

/** The package lists may be missing or old; they are read once more before this gives up. */
async function download(wanted: string, store: string): Promise<void> {
  const fetchIt = () => run('apt-get', ['-q', 'download', wanted], { cwd: store })
  await fetchIt().catch(async () => {
    await run('apt-get', ['-q', 'update'])
    await fetchIt().catch((error: Error) => {
      throw new Error(`Debian package ${wanted} (bookworm) could not be fetched: ${error.message}`)
    })
  })
}

async function filesOf(folder: string, path: RegExp): Promise<string[]> {
  const all = await readdir(folder, { recursive: true, withFileTypes: true })
  return all
    .filter((entry) => entry.isFile() && /\.(wav|ogg|gsm)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => path.test(file))
    .sort()
}

/** All files at once: sox joins those of one format, soxi says where each begins. */
async function decode(files: string[], directory: string): Promise<Int16Array[]> {
  const formats = new Map<string, string[]>()
  for (let n = 0; n < files.length; n += 200) {
    const some = files.slice(n, n + 200)
    const [rates, channels] = await Promise.all(
      ['-r', '-c'].map(async (what) => lines((await run('soxi', [what, ...some])).stdout)),
    )
    for (const [index, file] of some.entries()) {
      const key = `${rates?.[index]} ${channels?.[index]}`
      formats.set(key, [...(formats.get(key) ?? []), file])
    }
  }
  const decoded: Int16Array[] = []
  for (const [format, all] of formats) {
    const ratio = rate / Number(format.split(' ')[0])
    for (let n = 0; n < all.length; n += 200) {
      const some = all.slice(n, n + 200)
      const lengths = lines((await run('soxi', ['-s', ...some])).stdout).map(Number)
      const out = join(directory, 'decoded.raw')
      await run('sox', ['-V1', ...some, '-r', `${rate}`, '-c', '1', '-b', '16', '-e', 'signed', '-t', 'raw', out])
      const bytes = await readFile(out)
      const joined = new Int16Array(bytes.buffer, bytes.byteOffset, bytes.length >> 1)
      let at = 0
      for (const length of lengths) {
        decoded.push(joined.slice(Math.round(at * ratio), Math.round((at + length) * ratio)))
        at += length
      }
      await rm(out)
    }
  }
  return decoded
}

type Add = (clip: Omit<Clip, 'from' | 'length'>, samples: Int16Array) => void

/** One throat: in every language two ways to say hello and five sentences, at a pitch and speed of its own. */
async function speakAll(throat: string, part: Part, add: Add): Promise<void> {
  const random = seeded(createHash('md5').update(throat).digest().readUInt32LE(0))
  for (const [language, { hello, sentences }] of Object.entries(phrases)) {
    const pitch = Math.round(25 + 50 * random())
    const speed = Math.round(135 + 70 * random())
    const voice = `${language === 'en' ? 'en-us' : language}+${throat}`
    const said = [
      ...some(random, hello, 2).map((text) => ({ text, isHello: true })),
      ...some(random, sentences, 5).map((text) => ({ text, isHello: false })),
    ]
    const spoken = await Promise.all(said.map(({ text }) => speak(voice, pitch, speed, text)))
    for (const [n, { isHello }] of said.entries())
      add({ voice, language, part, kind: 'robot', isHello }, downsampled(spoken[n] ?? Buffer.alloc(44)))
  }
  process.stdout.write(`  espeak-ng +${throat}\n`)
}

function some<T>(random: Random, list: readonly T[], count: number): T[] {
  const left = [...list]
  return Array.from({ length: count }, () => left.splice(Math.floor(random() * left.length), 1)).flat()
}

async function speak(voice: string, pitch: number, speed: number, text: string): Promise<Buffer> {
  const how = ['-v', voice, '-p', `${pitch}`, '-s', `${speed}`, '--stdout', text]
  return (await run('espeak-ng', how, { encoding: 'buffer', maxBuffer: 2 ** 24 })).stdout
}

/** espeak-ng's 22,050 Hz to 8,000 (windowed sinc, 8 lobes a side). */
function downsampled(wav: Buffer): Int16Array {
  const source = new Int16Array(wav.buffer.slice(wav.byteOffset + 44, wav.byteOffset + 44 + ((wav.length - 44) & ~1)))
  const ratio = wav.readUInt32LE(24) / rate
  const lobes = 8
  return Int16Array.from({ length: Math.floor(source.length / ratio) }, (_, n) => {
    const centre = n * ratio
    let sum = 0
    for (let k = Math.ceil(centre - lobes * ratio); k <= centre + lobes * ratio; k++) {
      const x = (k - centre) / ratio
      const sinc = x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x)
      sum += ((source[k] ?? 0) * sinc * (0.5 + 0.5 * Math.cos((Math.PI * x) / lobes))) / ratio
    }
    return Math.max(-32_768, Math.min(32_767, sum))
  })
}

function withoutEdges(samples: Int16Array): Int16Array {
  const peak = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0)
  const loud = (sample: number) => Math.abs(sample) > Math.max(120, peak * 0.03)
  const first = samples.findIndex(loud)
  return first < 0 ? new Int16Array(0) : samples.slice(first, samples.findLastIndex(loud) + 1)
}

function levelled(samples: Int16Array): Int16Array {
  const frames: number[] = []
  for (let at = 0; at + 160 <= samples.length; at += 160)
    frames.push(samples.subarray(at, at + 160).reduce((sum, sample) => sum + sample * sample, 0) / 160)
  frames.sort((a, b) => b - a)
  const louder = frames.slice(0, Math.max(1, Math.ceil(frames.length / 2)))
  const level = Math.sqrt(louder.reduce((sum, one) => sum + one, 0) / louder.length)
  return samples.map((sample) => Math.max(-32_768, Math.min(32_767, (sample * speechLevel) / Math.max(1, level))))
}

const lines = (text: string): string[] => text.trim().split('\n')

function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  )
}
