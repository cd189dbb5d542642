/**
 * How many calls of a send-out to place now. Pure. No agent is waited for and nobody can be abandoned for want of one, so the
 * campaign's own ceiling is all there is; the trunks' channels and calls per second hold besides (trunks/trunk-lines.ts).
 */
export function decideMessageCalls(live: number, maxConcurrentCalls: number): { calls: number; reason: string } {
  const calls = Math.max(0, maxConcurrentCalls - live)
  return { calls, reason: `message: ${live} of ${maxConcurrentCalls} calls are up, ${calls} more wanted` }
}
