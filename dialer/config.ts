/**
 * The only reader of process.env. Everything has a default that works on one machine with nothing else installed;
 * secrets come from here or are generated under the data directory, never from the repo.
 */
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { OutpaceError } from './errors.ts'

const onOff = z.enum(['on', 'off'])
const command = z.string().regex(/\S/, 'must name a program')
const port = z.coerce.number().int().min(1).max(65_535)

const switchName = z.string().regex(/^[a-z0-9-]{1,40}$/, 'must be of a-z, 0-9 and dash')

const variablesSchema = z.object({
  /** PostgreSQL of your own; absent: embedded under the data directory. */
  DATABASE_URL: z.string().startsWith('postgres').optional(),
  /** Redis of your own; absent: coordination in memory, one process. */
  REDIS_URL: z.string().startsWith('redis').optional(),
  /** Asterisk of your own, `http://USER:PASSWORD@HOST:8088`; absent: a private one under the data directory. */
  ARI_URL: z.string().startsWith('http').optional(),
  /** Name of the switch; engines with the same one take turns at it, each switch of a shared database has its own. */
  OUTPACE_SWITCH: switchName.default('main'),
  /** File with the record that an Asterisk of your own writes (pbx-config/templates/cel_custom.conf), if it is on this machine. */
  OUTPACE_CALL_RECORD: z.string().optional(),
  OUTPACE_DATA_DIR: z.string().default('var'),
  OUTPACE_API_HOST: z.string().default('127.0.0.1'),
  OUTPACE_API_PORT: port.default(8080),
  /** Where `make setup` puts a private Asterisk on machines that have none; may be shared. */
  OUTPACE_ASTERISK_ROOT: z.string().default('var/asterisk-root'),
  /** Ports of the parts the engine starts itself. */
  OUTPACE_DATABASE_PORT: port.default(15432),
  OUTPACE_ARI_PORT: port.default(18088),
  OUTPACE_SIP_PORT: port.default(15060),
  OUTPACE_SIP_HOST: z.string().default('127.0.0.1'),
  OUTPACE_RTP_FIRST_PORT: port.default(20_000),
  OUTPACE_RTP_LAST_PORT: port.default(24_999),
  /** Where the switch sends what callees say, for detection: an address of this machine, and a UDP port (0: any free one). */
  OUTPACE_AUDIO_HOST: z.string().default('127.0.0.1'),
  OUTPACE_AUDIO_PORT: z.coerce.number().int().min(0).max(65_535).default(0),
  /** The safety catch: off refuses every trunk that is not on this machine. */
  OUTPACE_LIVE_DIALING: onOff.default('off'),
  /** How long talks may go on after SIGTERM. */
  OUTPACE_DRAIN_SECONDS: z.coerce.number().int().min(0).max(3600).default(30),
  /** Secret behind the hashes of erased persons; absent: made in the data directory. Engines that share a database share it. */
  OUTPACE_ERASURE_KEY: z.string().min(32).optional(),
  OUTPACE_DATABASE_CONNECTIONS: z.coerce.number().int().min(2).max(100).default(10),
  OUTPACE_LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent']).default('info'),
  /** Where recordings and spoken messages are put: the folder that Asterisk knows as its `sounds`. Absent: under the data directory. */
  OUTPACE_SOUNDS_DIR: z.string().optional(),
  /** Speaks messages: reads a text, writes WAV. `{language}` is replaced; OUTPACE_SPEECH_COMMAND_PL and so on stand in its place. */
  OUTPACE_SPEECH_COMMAND: command.default('espeak-ng -v {language} -s 145 --stdin --stdout'),
  /** Seconds without audio from an agent's phone after which his leg counts as dead; 0: never. */
  OUTPACE_AGENT_RTP_TIMEOUT_SECONDS: z.coerce.number().int().min(0).max(3600).default(30),
  /** Seconds between two checks that an agent's phone still answers. */
  OUTPACE_AGENT_QUALIFY_SECONDS: z.coerce.number().int().min(1).max(3600).default(15),
})

const environmentSchema = variablesSchema.refine((e) => e.OUTPACE_RTP_FIRST_PORT <= e.OUTPACE_RTP_LAST_PORT, {
  path: ['OUTPACE_RTP_FIRST_PORT'],
  message: 'must not be above OUTPACE_RTP_LAST_PORT',
})

export type Config = ReturnType<typeof readConfig>

export function readConfig(environment: Record<string, string | undefined> = process.env) {
  const parsed = environmentSchema.safeParse(environment)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw new OutpaceError('invalid_configuration', { problem: `${issue?.path.join('.')}: ${issue?.message}` })
  }
  const e = parsed.data
  return {
    databaseUrl: e.DATABASE_URL,
    redisUrl: e.REDIS_URL,
    ariUrl: e.ARI_URL,
    switchName: e.OUTPACE_SWITCH,
    callRecord: e.OUTPACE_CALL_RECORD,
    dataDir: resolve(e.OUTPACE_DATA_DIR),
    api: { host: e.OUTPACE_API_HOST, port: e.OUTPACE_API_PORT },
    databasePort: e.OUTPACE_DATABASE_PORT,
    asterisk: {
      rootDirectory: resolve(e.OUTPACE_ASTERISK_ROOT),
      ariPort: e.OUTPACE_ARI_PORT,
      sipHost: e.OUTPACE_SIP_HOST,
      sipPort: e.OUTPACE_SIP_PORT,
      rtpFirstPort: e.OUTPACE_RTP_FIRST_PORT,
      rtpLastPort: e.OUTPACE_RTP_LAST_PORT,
    },
    audio: { host: e.OUTPACE_AUDIO_HOST, port: e.OUTPACE_AUDIO_PORT },
    soundsDirectory: resolve(e.OUTPACE_SOUNDS_DIR ?? join(e.OUTPACE_DATA_DIR, 'sounds')),
    speechCommands: { default: words(e.OUTPACE_SPEECH_COMMAND), byLanguage: speechByLanguage(environment) },
    agentRtpTimeoutSeconds: e.OUTPACE_AGENT_RTP_TIMEOUT_SECONDS,
    agentQualifySeconds: e.OUTPACE_AGENT_QUALIFY_SECONDS,
    liveDialing: e.OUTPACE_LIVE_DIALING === 'on',
    erasureKey: e.OUTPACE_ERASURE_KEY,
    drainSeconds: e.OUTPACE_DRAIN_SECONDS,
    databaseConnections: e.OUTPACE_DATABASE_CONNECTIONS,
    logLevel: e.OUTPACE_LOG_LEVEL,
  }
}

const words = (text: string): string[] => text.trim().split(/\s+/)

function speechByLanguage(environment: Record<string, string | undefined>): Record<string, string[]> {
  const commands: Record<string, string[]> = {}
  for (const [name, value] of Object.entries(environment)) {
    const language = /^OUTPACE_SPEECH_COMMAND_([A-Z]{2})$/.exec(name)?.[1]
    if (language && value?.trim()) commands[language.toLowerCase()] = words(value)
  }
  return commands
}
