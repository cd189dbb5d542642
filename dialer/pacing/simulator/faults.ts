/**
 * What goes wrong between the switch and the pacer, for the stress cells: events that are lost or late,
 * and an engine that restarts at noon and is given its snapshot, the agents' states and the calls in
 * flight, as the engine does (docs/pacing.md). Pure.
 */
import { createPacer, type PacerSettings, type PacingEvent } from '../pacer.ts'
import type { Ours } from './ours.ts'
import { uniform } from './random.ts'

/** Loses a share of the call events and delivers another share late. Agents' own states come from our own books. */
export function withLostEvents(ours: Ours, share: { lost: number; late: number; lateMs: number }, seed: number): Ours {
  let events = 0
  let late: { due: number; event: PacingEvent }[] = []
  const inner = ours.pacer
  ours.pacer = {
    ...inner,
    observe(event) {
      const u = event.type === 'agent' || event.type === 'placed' ? 1 : uniform(seed, 77, events++)
      if (u < share.lost) return
      if (u < share.lost + share.late) late.push({ due: event.at + share.lateMs, event })
      else inner.observe(event)
    },
    decide(at) {
      if (late.length > 0) {
        for (const { due, event } of late) if (due <= at) inner.observe(event)
        late = late.filter(({ due }) => due > at)
      }
      return inner.decide(at)
    },
  }
  return ours
}

/** Remembers what the engine knows from its own tables, to replay it after the restart. */
export function withNoonRestart(ours: Ours, settings: PacerSettings, noonMs: number): Ours {
  let day = -1
  let inner = ours.pacer
  const calls = new Map<string, PacingEvent[]>()
  const agents = new Map<string, PacingEvent>()
  function restart(): void {
    const saved: unknown = JSON.parse(JSON.stringify(inner.snapshot()))
    inner = createPacer(settings, saved)
    for (const event of agents.values()) inner.observe(event)
    for (const events of calls.values()) for (const event of events) if (event.type !== 'connected') inner.observe(event)
  }
  ours.pacer = {
    observe(event) {
      if (event.type === 'agent') agents.set(event.agentId, event)
      else if (event.type === 'ended') calls.delete(event.callId)
      else calls.set(event.callId, [...(calls.get(event.callId) ?? []), event])
      inner.observe(event)
    },
    decide(at) {
      const today = Math.floor(at / 86_400_000)
      if (today !== day && at % 86_400_000 >= noonMs) {
        day = today
        restart()
      }
      return inner.decide(at)
    },
    snapshot: () => inner.snapshot(),
  }
  return ours
}
