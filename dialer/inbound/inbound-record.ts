/**
 * Writes what happens to calls to us, in order and behind the audio. While PostgreSQL is away the writes wait here; one that
 * it refuses for its content is logged and left out. Owned by inbound-engine.ts.
 */
import type { Clock } from '../clock.ts'
import { messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import { isRefusedContent } from '../storage/database.ts'

export interface InboundRecord {
  add(write: () => Promise<unknown>): void
  /** Resolves when all that was added so far is written, or could not be at the first try. */
  settled(): Promise<void>
}

const retryMs = 1000

export function createInboundRecord({ clock, log }: { clock: Clock; log: Log }): InboundRecord {
  const waiting: (() => Promise<unknown>)[] = []
  let writing: Promise<void> | undefined

  async function writeAll(): Promise<void> {
    for (let next = waiting[0]; next; next = waiting[0]) {
      try {
        await next()
      } catch (error) {
        if (!isRefusedContent(error)) {
          log.warn({ pending: waiting.length, reason: messageOf(error) }, 'rows of calls to us wait for the database')
          clock.after(retryMs, begin)
          break
        }
        log.error({ reason: messageOf(error) }, 'a row of a call to us was refused by the database')
      }
      waiting.shift()
    }
    writing = undefined
  }

  function begin(): void {
    if (waiting.length > 0) writing ??= writeAll()
  }

  return {
    add(write) {
      waiting.push(write)
      begin()
    },
    settled: () => writing ?? Promise.resolve(),
  }
}
