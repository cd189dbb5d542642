import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import t from 'tap'
import { readConfig } from './config.ts'

t.test('without any variable everything runs on this machine, and nobody is called', async (t) => {
  const config = readConfig({})
  t.match(config, {
    ...{ databaseUrl: undefined, redisUrl: undefined, ariUrl: undefined, dataDir: resolve('var'), liveDialing: false },
    ...{ api: { host: '127.0.0.1', port: 8080 }, databasePort: 15432, drainSeconds: 30, logLevel: 'info' },
    asterisk: { sipHost: '127.0.0.1', sipPort: 15060, ariPort: 18088 },
  })
})

/** Variable, a value that fits, what becomes of it, values that do not fit. */
const cases: [string, string, Record<string, unknown>, string[]][] = [
  ['DATABASE_URL', 'postgres://h/db', { databaseUrl: 'postgres://h/db' }, ['', 'mysql://h/db']],
  ['REDIS_URL', 'rediss://h', { redisUrl: 'rediss://h' }, ['', 'http://h']],
  ['ARI_URL', 'https://u:p@h:8089', { ariUrl: 'https://u:p@h:8089' }, ['', 'h:8088']],
  ['OUTPACE_SWITCH', 'west', { switchName: 'west' }, ['', 'West', 'a b']],
  ['OUTPACE_CALL_RECORD', '/var/log/calls.csv', { callRecord: '/var/log/calls.csv' }, []],
  ['OUTPACE_DATA_DIR', '/srv/x', { dataDir: '/srv/x' }, []],
  ['OUTPACE_API_HOST', '::1', { api: { host: '::1' } }, []],
  ['OUTPACE_API_PORT', '80', { api: { port: 80 } }, ['0', '65536', 'http', '1.5']],
  ['OUTPACE_ASTERISK_ROOT', '/opt/a', { asterisk: { rootDirectory: '/opt/a' } }, []],
  ['OUTPACE_DATABASE_PORT', '5432', { databasePort: 5432 }, ['-1']],
  ['OUTPACE_ARI_PORT', '8088', { asterisk: { ariPort: 8088 } }, ['x']],
  ['OUTPACE_SIP_PORT', '5060', { asterisk: { sipPort: 5060 } }, ['70000']],
  ['OUTPACE_SIP_HOST', '10.0.0.1', { asterisk: { sipHost: '10.0.0.1' } }, []],
  ['OUTPACE_RTP_FIRST_PORT', '1000', { asterisk: { rtpFirstPort: 1000 } }, ['0', '25000']],
  ['OUTPACE_RTP_LAST_PORT', '30000', { asterisk: { rtpLastPort: 30_000 } }, ['0']],
  ['OUTPACE_AUDIO_HOST', '10.0.0.2', { audio: { host: '10.0.0.2' } }, []],
  ['OUTPACE_AUDIO_PORT', '0', { audio: { port: 0 } }, ['-1', '65536']],
  ['OUTPACE_LIVE_DIALING', 'on', { liveDialing: true }, ['', 'true', 'yes', 'ON', '1']],
  ['OUTPACE_DRAIN_SECONDS', '0', { drainSeconds: 0 }, ['-1', '3601', 'soon']],
  ['OUTPACE_ERASURE_KEY', 'k'.repeat(32), { erasureKey: 'k'.repeat(32) }, ['too short']],
  ['OUTPACE_DATABASE_CONNECTIONS', '2', { databaseConnections: 2 }, ['1', '101']],
  ['OUTPACE_LOG_LEVEL', 'debug', { logLevel: 'debug' }, ['verbose', '']],
  ['OUTPACE_SOUNDS_DIR', '/srv/sounds', { soundsDirectory: '/srv/sounds' }, []],
  ['OUTPACE_SPEECH_COMMAND', 'say -l {language}', { speechCommands: { default: ['say', '-l', '{language}'] } }, ['', ' ']],
  ['OUTPACE_AGENT_RTP_TIMEOUT_SECONDS', '0', { agentRtpTimeoutSeconds: 0 }, ['-1']],
  ['OUTPACE_AGENT_QUALIFY_SECONDS', '1', { agentQualifySeconds: 1 }, ['0']],
]

t.test('each variable: a value that fits is taken, one that does not is refused by name', async (t) => {
  for (const [name, good, becomes, bad] of cases) {
    t.match(readConfig({ [name]: good }), becomes, `${name}=${good}`)
    for (const value of bad)
      t.throws(
        () => readConfig({ [name]: value }),
        { code: 'invalid_configuration', message: new RegExp(`^The configuration is wrong: ${name}: \\S`) },
        `${name}=${value}`,
      )
  }
})

t.test('a speaking machine of its own for a language', async (t) => {
  const { speechCommands } = readConfig({ OUTPACE_SPEECH_COMMAND_PL: '/opt/say --voice ewa' })
  t.same(speechCommands.byLanguage, { pl: ['/opt/say', '--voice', 'ewa'] })
  t.equal(speechCommands.default[0], 'espeak-ng')
})

t.test('every variable that is read is in the table above', async (t) => {
  const code = readFileSync(join(import.meta.dirname, 'config.ts'), 'utf8')
  const read = [...code.matchAll(/^ {2}([A-Z][A-Z_]+): /gm)].map(([, name]) => name)
  t.same(read.sort(), cases.map(([name]) => name).sort())
})
