/**
 * The servers the engine stands on: the user's own where an address is configured, else private ones under the data
 * directory, started or adopted here. Called by main.ts only; what is missing is waited for by needed-part.ts.
 */
import { join } from 'node:path'
import { ariUrlOf, startAsterisk, stopAsterisk } from '../pbx-config/asterisk-process.ts'
import { asteriskSettings, recordFileOf } from '../pbx-config/settings.ts'
import type { Config } from './config.ts'
import type { Log } from './log.ts'
import { startPostgres } from './storage/embedded-postgres.ts'

export interface DatabaseServer {
  url: string
  /** Ends it, if the engine started or adopted it; the user's own servers are left alone. */
  stop(): Promise<void>
}

export interface SwitchServer extends DatabaseServer {
  /** Resolves when it runs; also after it died. The user's own is not waited for: the adapter connects when it is there. */
  start(): Promise<void>
  /** Its own record of calls, where we can read it. */
  recordFile: string | undefined
}

const leaveAlone = async () => {}

export async function startDatabase(config: Config, log: Log): Promise<DatabaseServer> {
  if (config.databaseUrl) return { url: config.databaseUrl, stop: leaveAlone }
  return startPostgres({
    dir: join(config.dataDir, 'postgres'),
    port: config.databasePort,
    log: (message) => log.info({ part: 'postgresql', message }, 'database server'),
  })
}

export function switchServerOf(config: Config): SwitchServer {
  if (config.ariUrl) return { url: config.ariUrl, start: leaveAlone, stop: leaveAlone, recordFile: config.callRecord }
  const settings = asteriskSettings(config)
  return {
    url: ariUrlOf(settings),
    start: async () => void (await startAsterisk(settings)),
    stop: () => stopAsterisk(settings),
    recordFile: recordFileOf(settings.directory),
  }
}

/** Host and port of an address, without its credentials. */
export const whereIs = (url: string): string => new URL(url).host
