/** Everything the benchmark wants to know of one cell. Pure, and slow: bench-pacing.ts spreads cells over processes. */
import type { Cell } from './cells.ts'
import { withLostEvents, withNoonRestart } from './faults.ts'
import { optimum, progressiveTwin } from './markov-optimum.ts'
import { everyMsFor, LIMIT, type Measured, measure, measureOurs, measurePeer } from './measure.ts'
import { createOurs, pacerSettings } from './ours.ts'
import { VICIDIAL_DEFAULT } from './peers.ts'
import { tunePeer } from './tune.ts'
import { createWorld } from './world-settings.ts'

export interface CellResult {
  name: string
  group: Cell['group']
  agents: number
  ours: Measured
  progressive?: Measured
  vicidialDefault?: Measured
  vicidial?: Measured
  ratio?: Measured
  pi?: Measured
  /** Occupancies of the Markov twin. */
  optimum?: number
  exactProgressive?: number
}

export function runCell(cell: Cell): CellResult {
  const { world, days } = cell
  const base = { name: cell.name, group: cell.group, agents: world.agents }
  switch (cell.group) {
    case 'plain':
      return {
        ...base,
        ours: measureOurs(world, days),
        progressive: measurePeer({ kind: 'progressive', level: 1 }, world, days),
        vicidialDefault: measurePeer(VICIDIAL_DEFAULT, world, days),
        vicidial: tunePeer('vicidial', world, days),
        ratio: tunePeer('ratio', world, days),
        pi: tunePeer('pi', world, days),
      }
    case 'told':
      return { ...base, ours: measureOurs(world, days) }
    case 'one-percent':
      return { ...base, ours: measureOurs(world, days, 0.01) }
    case 'twin': {
      const answerProbability = typeof world.answerProbability === 'number' ? world.answerProbability : 0
      const twin = { agents: world.agents, answerProbability, handleSec: 120, ringSec: 12, graceSec: 2 }
      return {
        ...base,
        ours: measureOurs(world, days),
        optimum: optimum(twin, LIMIT).occupancy,
        exactProgressive: progressiveTwin(twin).occupancy,
      }
    }
    case 'stress':
      return { ...base, ours: stressed(cell), vicidial: tunePeer('vicidial', world, days) }
    default:
      return cell.group satisfies never
  }
}

function stressed(cell: Cell): Measured {
  const { world, days, fault } = cell
  const settings = pacerSettings(createWorld(world), { peopleTakenForMachines: world.detection?.takenForMachines ?? 0 })
  const ours = createOurs(settings, everyMsFor(world.agents))
  if (fault === 'lost-events') withLostEvents(ours, { lost: 0.01, late: 0.02, lateMs: 5000 }, world.seed)
  if (fault === 'noon-restart') withNoonRestart(ours, settings, 12 * 3_600_000)
  return measure(ours, world, days)
}
