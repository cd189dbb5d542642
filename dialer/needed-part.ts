/**
 * One server that the engine cannot do without: waits until it is there, with growing pauses, never hot, never giving up;
 * says in the log what is missing and what to do, and keeps the sentence for /ready. Made by main.ts, one per server.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { type ErrorCode, messageOf, OutpaceError } from './errors.ts'
import type { Log } from './log.ts'

export type PartName = 'postgresql' | 'asterisk' | 'redis'

export interface NeededPart {
  /** Repeats `attempt` until it succeeds; undefined when the engine was asked to stop before that. */
  untilItWorks<T>(attempt: () => Promise<T>): Promise<T | undefined>
  /** The line of /ready: `problem` as it is now; none when it answers. */
  state(problem: string | undefined): { part: PartName; ready: boolean; sentence: string }
  /** Why the last attempt failed. */
  readonly lastProblem: string
}

export interface NeededPartOptions {
  part: PartName
  code: ErrorCode
  /** Its address without credentials, or what stands for it. */
  where: string
  log: Log
  stop: AbortSignal
}

const firstPauseMs = 500
const longestPauseMs = 10_000

export function createNeededPart({ part, code, where, log, stop }: NeededPartOptions): NeededPart {
  let lastProblem = 'not connected yet'
  const unavailable = (problem: string, cause?: unknown) => new OutpaceError(code, { where, problem }, cause)
  const sentences = ({ message, whatToDo }: OutpaceError) => `${message} ${whatToDo}`

  return {
    async untilItWorks(attempt) {
      for (let pauseMs = firstPauseMs; !stop.aborted; pauseMs = Math.min(longestPauseMs, pauseMs * 2)) {
        try {
          return await attempt()
        } catch (error) {
          if (stop.aborted) break
          const failure = error instanceof OutpaceError ? error : unavailable(messageOf(error), error)
          lastProblem = String(failure.fields.problem ?? failure.message)
          log.error(
            { part, code: failure.code, problem: failure.message, whatToDo: failure.whatToDo },
            'a part is missing; trying again',
          )
          await pause(pauseMs, undefined, { signal: stop }).catch(() => {})
        }
      }
      return undefined
    },
    state: (problem) => ({
      part,
      ready: problem === undefined,
      sentence: problem === undefined ? 'answers' : sentences(unavailable(problem)),
    }),
    get lastProblem() {
      return lastProblem
    },
  }
}
