/**
 * The peers our pacer is measured against, each by its published rules (docs/pacing.md): progressive,
 * fixed ratio, VICIdial's adaptive level, and a PI controller on the abandonment rate. They see the
 * team's counts only. Each is one function of its settings, so that tune.ts can look for the best. Pure.
 */
import type { Policy, View } from './world.ts'

export interface PeerSettings {
  kind: 'progressive' | 'ratio' | 'vicidial' | 'pi'
  /** Ratio: lines per agent. PI: lines per agent at the start. VICIdial: its highest level. */
  level: number
  /** VICIdial: agents to be idle more or less than none; PI: strength of the proportional term. */
  lean?: number
  /** Lines for all agents at work, talks included, or ringing calls for free agents only ("available only tally"). */
  tally?: 'all' | 'free'
  /** VICIdial: what to do when the day's drops exceed the limit. */
  method?: 'hard' | 'average' | 'tapered'
  /** VICIdial and PI: the abandonment rate steered for. */
  limit?: number
  /** VICIdial: the level at the start of a day. */
  start?: number
}

/** As shipped: level at most 3, hard limit at 3 %. */
export const VICIDIAL_DEFAULT: PeerSettings = { kind: 'vicidial', level: 3, lean: 0, method: 'hard', limit: 0.03, start: 1 }

export function createPeer(settings: PeerSettings, hours = 8): Policy {
  switch (settings.kind) {
    case 'progressive':
      return { name: 'progressive', everyMs: 250, decide: (view) => Math.max(0, view.idle - view.waiting - view.ringing) }
    case 'ratio':
      return { name: 'ratio', everyMs: 250, decide: (view) => topUp(settings.level, settings.tally, view) }
    case 'vicidial':
      return vicidial(settings, hours)
    case 'pi':
      return pi(settings)
    default:
      return settings.kind satisfies never
  }
}

const lines = (view: View): number => view.ringing + view.waiting + view.talking

/** Lines up to the level, talks included. */
function topUp(level: number, tally: PeerSettings['tally'], view: View): number {
  if (tally === 'free') return Math.max(0, Math.round(level * (view.idle - view.waiting)) - view.ringing)
  return Math.max(0, Math.round(level * view.working) - lines(view))
}

function dropShare(view: View): number {
  const people = view.connectedToday + view.abandonedToday
  return people > 0 ? view.abandonedToday / people : 0
}

/** AST_VDadapt every 15 s, AST_VDauto_dial every 2.5 s. */
function vicidial(settings: PeerSettings, hours: number): Policy {
  const { level: most, lean = 0, method = 'hard', limit = 0.03, start = 1 } = settings
  let level = start
  let ticks = 0
  let surplus = 0
  let dayStart = 0
  function adapt(view: View): void {
    const agents = Math.max(1, view.working)
    level *= 1 + (surplus / ticks + lean) / agents
    level = Math.min(most, Math.max(1, level))
    surplus = 0
    ticks = 0
    const gone = (view.at - dayStart) / (hours * 3_600_000)
    // Tapered forgives an excess early in the day and none at its end.
    const allowed = method === 'tapered' ? limit * (1.5 - 0.5 * gone) : limit
    if (dropShare(view) <= allowed) return
    level = method === 'average' ? Math.max(1, level / 2) : 1
  }
  return {
    name: 'VICIdial',
    everyMs: 2500,
    decide(view) {
      if (dayStart === 0) dayStart = view.at
      surplus += view.idle - view.waiting
      ticks++
      if (ticks >= 6) adapt(view)
      return topUp(level, settings.tally, view)
    },
    dayStarts() {
      level = start
      dayStart = 0
    },
  }
}

/** Lines per agent steered by the distance of the day's rate and of the last minutes' rate from the limit. */
function pi(settings: PeerSettings): Policy {
  const { level: start, lean: strength = 0.5, limit = 0.028 } = settings
  let base = Math.log(start)
  let people = 0
  let abandoned = 0
  let recent = limit
  return {
    name: 'PI',
    everyMs: 1000,
    decide(view) {
      const morePeople = view.connectedToday + view.abandonedToday - people
      const moreAbandoned = view.abandonedToday - abandoned
      people += morePeople
      abandoned += moreAbandoned
      for (let i = 0; i < morePeople; i++) {
        const hit = i < moreAbandoned ? 1 : 0
        recent += (hit - recent) / 100
        base += 0.02 * strength * (limit - hit)
      }
      const level = Math.exp(base + strength * Math.max(-1, Math.min(1, (limit - recent) / limit)) * 0.2)
      return topUp(Math.min(60, Math.max(1, level)), settings.tally, view)
    },
    dayStarts() {
      people = 0
      abandoned = 0
    },
  }
}
