/**
 * The ways in which an engine goes. `drain`: no new calls, talks may finish until the deadline, agents are logged out. `handOver`:
 * calls and agents stay as they are, and are served until the next engine has connected. `leave`: another engine is in
 * charge already; what this one knows is written, and not a word is said to the switch. Called by main.ts.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { AgentRoom } from './agents/room.ts'
import type { CallEngine } from './calls/engine.ts'
import type { Journal } from './calls/journal.ts'
import { keepForNextStart } from './calls/journal-file.ts'
import type { Clock } from './clock.ts'
import type { Tenure } from './cluster/tenure.ts'
import type { Log } from './log.ts'

export interface Departure {
  drain(): Promise<void>
  /** `nextIsHere`: resolves when the next engine took the switch; absent: nobody waits for it. */
  handOver(nextIsHere?: Promise<void>): Promise<void>
  leave(): Promise<void>
  /** The last writes; what PostgreSQL does not take in time goes into a file for the next start. */
  saveRecords(): Promise<void>
}

export interface DepartureDeps {
  engine: Pick<CallEngine, 'cancel' | 'count' | 'close'>
  inbound: { count(): number; cancel(why: string): void; close(): void; settled(): Promise<void> }
  room: Pick<AgentRoom, 'close' | 'handOver'>
  journal: Journal
  tenure: Tenure
  api: { close(): Promise<unknown> }
  clock: Clock
  log: Log
  drainMs: number
  leftOverFile: string
}

/** For hang-ups to be confirmed, a message to be heard, the next engine to connect. */
const lastMomentMs = 8000
const lastWritesMs = 5000

export function createDeparture(deps: DepartureDeps): Departure {
  const { engine, inbound, room, journal, tenure, api, clock, log } = deps

  async function callsOver(deadlineMs: number): Promise<void> {
    const live = () => engine.count({}) + inbound.count()
    for (const deadline = clock.now() + deadlineMs; live() > 0 && clock.now() < deadline; ) await pause(100)
  }

  async function saveRecords(): Promise<void> {
    engine.close()
    inbound.close()
    await Promise.race([Promise.all([journal.settled(), inbound.settled()]), pause(lastWritesMs)])
    keepForNextStart(deps.leftOverFile, journal.giveUp(), log)
  }

  return {
    async drain() {
      engine.cancel(({ state }) => state === 'placing' || state === 'ringing', 'the engine was stopped')
      await callsOver(deps.drainMs)
      engine.cancel(() => true, 'the engine was stopped')
      inbound.cancel('the engine was stopped')
      await callsOver(lastMomentMs)
      // Together: a log-in that waits for a phone ends with the room. An import that goes on is marked as broken off at the next start.
      await Promise.all([Promise.race([api.close(), pause(lastMomentMs)]), room.close()])
      await tenure.handOver()
    },
    async handOver(nextIsHere) {
      await Promise.race([api.close(), pause(lastMomentMs)])
      await tenure.handOver()
      if (nextIsHere) await Promise.race([nextIsHere, pause(lastMomentMs)])
      await room.handOver()
    },
    async leave() {
      log.error('another engine is in charge of the switch: this one ends')
      await saveRecords()
    },
    saveRecords,
  }
}
