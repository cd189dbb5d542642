/**
 * What only the process that runs a campaign knows: its agents and calls at this moment and the pacer's last word.
 * Made by the runner, read by office.ts for the statistics.
 */
import type { AgentPhase } from '../agents/agent-pool.ts'
import type { FalsePositives } from './false-positives.ts'

export interface LiveStats {
  agents: Record<AgentPhase, number>
  /** Live calls by the state of the call machine. */
  calls: Record<string, number>
  /** How many calls the pacer last asked for, and why. */
  lastDecision: { at: number; calls: number; reason: string } | null
  /** What the answer model said against what happened, in tenths of the latest attempts; all campaigns of the process. */
  answerCalibration: { said: number; happened: number; attempts: number }[]
  /** By the samples that agents judged, a quarter of an hour old at most; null: there are none. */
  peopleTakenForMachines: FalsePositives | null
}
