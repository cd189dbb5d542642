/**
 * Calls in the order they were placed, handed on once they and all before them have come to an end.
 * Counted as they end, the busy ones of a burst come first and people later: at the start of a shift a
 * team of 200 would take the answer rate for 0 and then for 1. Counted in order they are a fair sample,
 * at most one ringing timeout late. Pure.
 */
import type { Call } from './roster.ts'

export function createCohort(counted: (call: Call) => void): { placed(call: Call): void; settle(): void } {
  let calls: Call[] = []
  let head = 0
  return {
    placed: (call) => {
      calls.push(call)
    },
    settle() {
      for (let call = calls[head]; call && call.state !== 'ringing'; call = calls[++head]) counted(call)
      if (head < 1000) return
      calls = calls.slice(head)
      head = 0
    },
  }
}
