/**
 * Recordings of the house's own: uploaded as WAV, kept as telephone sound where the switch finds them, known by their names.
 * Messages play them by name; a campaign's `abandonedMessage` or `settledMessage` says `sound:recordings/NAME`.
 */
import { readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf, OutpaceError } from '../errors.ts'
import { recordingNameSchema } from './message.ts'
import { putFile, toTelephoneSound } from './telephone-sound.ts'
import { samplesOf, secondsOf } from './wav.ts'

export interface Recording {
  name: string
  seconds: number
  changedAt: Date
}

export interface Recordings {
  /** A recording of this name that was there before is replaced; calls hear the new one from the next playing on. */
  put(name: string, wav: Buffer): Promise<Recording>
  list(): Promise<Recording[]>
  /** The file itself. */
  read(name: string): Promise<Buffer>
  remove(name: string): Promise<void>
  has(name: string): Promise<boolean>
}

const longestSeconds = 300
const missing = (name: string) => new OutpaceError('not_found', { what: 'recording', id: name })

export function createRecordings({ folder }: { folder: string }): Recordings {
  const home = join(folder, 'recordings')
  const fileOf = (name: string) => join(home, `${recordingNameSchema.parse(name)}.wav`)

  async function find(name: string): Promise<Recording | undefined> {
    const found = await stat(fileOf(name)).catch(() => undefined)
    return found && { name, seconds: Math.round((found.size - 44) / 160) / 100, changedAt: found.mtime }
  }

  return {
    async put(name, wav) {
      const refuse = (why: string) => new OutpaceError('bad_request', { problem: `body: ${why}` })
      const sound = await toTelephoneSound(wav, 'keep').catch((error: unknown) => {
        throw refuse(`this is not a WAV file that can be read (${messageOf(error)})`)
      })
      const seconds = secondsOf(samplesOf(sound) ?? Buffer.alloc(0))
      if (seconds < 0.1) throw refuse('there is no sound in it')
      if (seconds > longestSeconds) throw refuse(`it is longer than ${longestSeconds} seconds`)
      await putFile(fileOf(name), sound)
      return (await find(name)) ?? Promise.reject(missing(name))
    },
    async list() {
      const files = await readdir(home).catch(() => [])
      const names = files.filter((file) => file.endsWith('.wav')).map((file) => file.slice(0, -4))
      const all = await Promise.all(names.sort().map(find))
      return all.flatMap((recording) => recording ?? [])
    },
    read: (name) =>
      readFile(fileOf(name)).catch(() => {
        throw missing(name)
      }),
    async remove(name) {
      if (!(await find(name))) throw missing(name)
      await rm(fileOf(name), { force: true })
    },
    has: async (name) => (await find(name)) !== undefined,
  }
}
