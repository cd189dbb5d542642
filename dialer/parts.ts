/**
 * The servers the engine stands on: the user's own where an address is configured, else private ones under the data
 * directory, started or adopted here. Says which one is missing and keeps trying; never gives up, never loops hot.
 * Called by main.ts only.
 */
import { join } from 'node:path'
import { startAsterisk, stopAsterisk } from '../pbx-config/asterisk-process.ts'
import { asteriskSettings } from '../pbx-config/settings.ts'
import type { Config } from './config.ts'
import { type ErrorCode, messageOf, OutpaceError } from './errors.ts'
import type { Log } from './log.ts'
import { startPostgres } from './storage/embedded-postgres.ts'

export interface Part {
  url: string
  /** Ends it, if the engine started or adopted it; the user's own servers are left alone. */
  stop(): Promise<void>
}

const retryFirstMs = 500
const retryMostMs = 10_000
const leaveAlone = async () => {}

export async function databasePart(config: Config, log: Log): Promise<Part> {
  if (config.databaseUrl) return { url: config.databaseUrl, stop: leaveAlone }
  return startPostgres({
    dir: join(config.dataDir, 'postgres'),
    port: config.databasePort,
    log: (message) => log.info({ part: 'postgresql', message }, 'database server'),
  })
}

export async function switchPart(config: Config): Promise<Part> {
  if (config.ariUrl) return { url: config.ariUrl, stop: leaveAlone }
  const settings = asteriskSettings(config)
  const { ariUrl } = await startAsterisk(settings)
  return { url: ariUrl, stop: () => stopAsterisk(settings) }
}

/** Host and port of an address, without its credentials. */
export const whereIs = (url: string): string => new URL(url).host

/** Repeats `attempt` until it succeeds or `stopped` says so, with growing pauses; each failure is said with its code and what to do. */
export async function untilItWorks<T>(
  attempt: () => Promise<T>,
  failure: { code: ErrorCode; where: string },
  log: Log,
  stopped: () => boolean,
): Promise<T | undefined> {
  for (let pause = retryFirstMs; !stopped(); pause = Math.min(retryMostMs, pause * 2)) {
    try {
      return await attempt()
    } catch (error) {
      const known =
        error instanceof OutpaceError
          ? error
          : new OutpaceError(failure.code, { where: failure.where, problem: messageOf(error) }, error)
      log.error({ code: known.code, problem: known.message, whatToDo: known.whatToDo }, 'a part is missing; trying again')
      await new Promise((resolve) => setTimeout(resolve, pause))
    }
  }
  return undefined
}
