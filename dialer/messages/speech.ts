/**
 * Spoken text as files: runs the language's text-to-speech command (text in, WAV out), a few at a time, and keeps what was
 * made by a hash of command and text. The files hold names and amounts, so those not wanted for a day are removed.
 * Used by messages.ts before a call is placed, never during one.
 */
import { createHash } from 'node:crypto'
import { readdir, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../clock.ts'
import { messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import { putFile, runProgram, toTelephoneSound } from './telephone-sound.ts'

export interface SpeechCommands {
  /** Program and arguments; `{language}` in them is replaced. Reads the text, writes WAV. */
  default: string[]
  byLanguage: Readonly<Record<string, string[]>>
}

export interface Speech {
  /** The path below the sounds folder, without ending. Rejects with the reason of the command. */
  speak(text: string, language: string): Promise<string>
  start(): void
  stop(): void
}

export interface SpeechDeps {
  /** Where the switch looks for sounds of its default language. */
  folder: string
  commands: SpeechCommands
  clock: Clock
  log: Log
}

const keptMs = 24 * 3_600_000
const tidyMs = 3_600_000
const atOnce = 2

export function createSpeech({ folder, commands, clock, log }: SpeechDeps): Speech {
  const making = new Map<string, Promise<void>>()
  const inLine = createLine(atOnce)
  let stopped = false

  const commandOf = (language: string) =>
    (commands.byLanguage[language] ?? commands.default).map((word) => word.replaceAll('{language}', language))

  async function make(command: string[], text: string, file: string): Promise<void> {
    const now = new Date(clock.now())
    const there = await utimes(file, now, now).then(
      () => true,
      () => false,
    )
    if (there) return
    await inLine(async () => putFile(file, await toTelephoneSound(await runProgram(command, text), 'polish')))
  }

  async function tidy(): Promise<void> {
    const names = await readdir(join(folder, 'spoken'), { recursive: true }).catch(() => [])
    for (const name of names) {
      const file = join(folder, 'spoken', name)
      const found = await stat(file).catch(() => undefined)
      if (found?.isFile() && clock.now() - found.mtimeMs > keptMs) await rm(file, { force: true })
    }
  }

  function tidyLater(delayMs: number): void {
    clock.after(delayMs, () => {
      if (stopped) return
      void tidy()
        .catch((error: unknown) => log.warn({ err: messageOf(error) }, 'spoken messages could not be tidied'))
        .finally(() => tidyLater(tidyMs))
    })
  }

  return {
    async speak(text, language) {
      const command = commandOf(language)
      const hash = createHash('sha256')
        .update(JSON.stringify([command, text]))
        .digest('hex')
      const path = join('spoken', hash.slice(0, 2), hash)
      const made = making.get(hash) ?? make(command, text, join(folder, `${path}.wav`)).finally(() => making.delete(hash))
      making.set(hash, made)
      await made
      return path
    },
    start: () => tidyLater(0),
    stop() {
      stopped = true
    },
  }
}

/** Runs so many tasks at once; the others wait in order. */
function createLine(places: number): <T>(task: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = []
  let free = places
  return async (task) => {
    if (free > 0) free--
    else await new Promise<void>((turn) => waiting.push(turn))
    try {
      return await task()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else free++
    }
  }
}
