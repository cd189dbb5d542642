/**
 * Coordination between processes, in Redis; the only file that talks to it. Every answer that needs Redis and does not
 * get one in time is the careful one (no lease, not renewed, no tokens), so losing Redis may stop dialing and never
 * dials wrongly. Connects again by itself for ever. Keys begin with `outpace:`.
 */
import { Redis } from 'ioredis'
import { messageOf, OutpaceError } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Coordination } from './coordination.ts'

/** A command that takes longer is given up. */
const COMMAND_TIMEOUT_MS = 1000
const RECONNECT_MIN_MS = 100
const RECONNECT_MAX_MS = 2000
/** A bucket that nobody used for so long is full again whatever its rate, and may be forgotten. */
const BUCKET_KEPT_MS = 3_600_000

/** KEYS lease, counter; ARGV ttl. The token, or 0 when somebody holds it. */
const takeLease = `
if redis.call('exists', KEYS[1]) == 1 then return 0 end
local token = redis.call('incr', KEYS[2])
redis.call('set', KEYS[1], token, 'NX', 'PX', ARGV[1])
return token`

/** KEYS lease; ARGV token, ttl. */
const renewLease = `
if redis.call('get', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('pexpire', KEYS[1], ARGV[2])`

/** KEYS lease; ARGV token. */
const releaseLease = `
if redis.call('get', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('del', KEYS[1])`

/** KEYS bucket; ARGV rate per second, burst, wanted, kept for. The time is the server's: clocks of processes differ. */
const takeFromBucket = `
local time = redis.call('time')
local now = time[1] * 1000 + time[2] / 1000
local rate, burst, wanted = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local saved = redis.call('hmget', KEYS[1], 'tokens', 'at')
local tokens = tonumber(saved[1]) or burst
local elapsed = math.max(0, now - (tonumber(saved[2]) or now))
tokens = math.min(burst, tokens + elapsed * rate / 1000)
local granted = math.max(0, math.min(math.floor(wanted), math.floor(tokens)))
redis.call('hset', KEYS[1], 'tokens', tostring(tokens - granted), 'at', string.format('%.3f', now))
redis.call('pexpire', KEYS[1], ARGV[4])
return granted`

export function createRedisCoordination({ url, log }: { url: string; log: Log }): Coordination {
  const where = new URL(url).host
  const redis = new Redis(url, {
    lazyConnect: true,
    // Nothing waits for a connection: an answer that comes late is a wrong answer here.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    commandTimeout: COMMAND_TIMEOUT_MS,
    connectTimeout: COMMAND_TIMEOUT_MS * 2,
    retryStrategy: (tries) => Math.min(RECONNECT_MIN_MS * 2 ** Math.min(tries - 1, 10), RECONNECT_MAX_MS),
  })
  // The log says once that Redis went, and once that it is back, not at every try.
  let away = false
  redis.on('error', (error: unknown) => unavailable(messageOf(error)))
  redis.on('close', () => unavailable('connection closed'))
  redis.on('ready', available)
  let closed = false

  function available() {
    if (!away) return
    away = false
    log.info({ where }, 'redis answers again')
  }

  function unavailable(problem: string) {
    if (away || closed) return
    away = true
    const error = new OutpaceError('redis_unavailable', { where, problem })
    log.error({ code: error.code, reason: error.message, whatToDo: error.whatToDo }, 'redis unavailable')
  }

  /** The script's answer, 0 when there is none. */
  async function ask(script: string, keys: string[], ...args: (string | number)[]): Promise<number> {
    try {
      const answer = Number(await redis.eval(script, keys.length, ...keys, ...args))
      available()
      return answer
    } catch (error) {
      unavailable(messageOf(error))
      return 0
    }
  }

  return {
    async start() {
      // The first failure is reported by the error event; ioredis goes on trying.
      redis.connect().catch(() => {})
    },
    async close() {
      closed = true
      redis.disconnect()
    },
    healthy: () => redis.status === 'ready' && !away,
    async lease(name, ttlMs) {
      const key = `outpace:lease:${name}`
      const token = await ask(takeLease, [key, 'outpace:lease-tokens'], ttlMs)
      if (token === 0) return undefined
      return {
        token,
        renew: async () => (await ask(renewLease, [key], token, ttlMs)) === 1,
        release: async () => void (await ask(releaseLease, [key], token)),
      }
    },
    takeTokens: (bucket, ratePerSecond, burst, wanted) =>
      ask(takeFromBucket, [`outpace:bucket:${bucket}`], ratePerSecond, burst, wanted, BUCKET_KEPT_MS),
  }
}
