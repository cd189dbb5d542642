/**
 * The one typed description of a private Asterisk: where its folders are, on which ports it listens, its ARI secret.
 * render.ts turns it into configuration files, asterisk-process.ts starts what they describe.
 * Trunks and agents are not in it: the engine pushes those over ARI while Asterisk runs.
 */
import { join } from 'node:path'

/** What an instance is started with. Several instances run side by side if directories and ports differ. */
export interface AsteriskSettings {
  /** Everything this instance writes, and its rendered configuration. */
  directory: string
  /** Own recordings, seen by Asterisk as `sound:…`; language folders (`en/`) below. */
  soundsDirectory: string
  /** Folder with a private Debian root that has Asterisk in it; used when the machine has no Asterisk >= 20 of its own. */
  rootDirectory: string
  /** ARI, on loopback only. */
  ariPort: number
  /** Where SIP and RTP are bound. */
  sipHost: string
  sipPort: number
  rtpFirstPort: number
  rtpLastPort: number
}

/** What the templates are filled from. */
export interface RenderSettings extends AsteriskSettings {
  ariSecret: string
  /** undefined: the folder that this Asterisk was built with. */
  modulesDirectory: string | undefined
}

export const ariUser = 'outpace'
/** The Stasis application that channels are handed to. */
export const ariApplication = 'outpace'

export const instanceFolders = (directory: string) => ({
  etc: join(directory, 'etc'),
  run: join(directory, 'run'),
  log: join(directory, 'log'),
  /** Where Asterisk writes what became of each call (templates/cel_custom.conf). */
  record: join(directory, 'log', 'cel-custom'),
  spool: join(directory, 'spool'),
  state: join(directory, 'state'),
  data: join(directory, 'data'),
})

/** Its record of calls (templates/cel_custom.conf). */
export const recordFileOf = (directory: string) => join(instanceFolders(directory).record, 'calls.csv')

interface EngineConfig {
  dataDir: string
  soundsDirectory: string
  asterisk: Pick<AsteriskSettings, 'rootDirectory' | 'ariPort' | 'sipHost' | 'sipPort' | 'rtpFirstPort' | 'rtpLastPort'>
}

/** The engine's own instance, as configured by the environment. */
export const asteriskSettings = (config: EngineConfig): AsteriskSettings => ({
  ...config.asterisk,
  directory: join(config.dataDir, 'asterisk'),
  soundsDirectory: config.soundsDirectory,
})
