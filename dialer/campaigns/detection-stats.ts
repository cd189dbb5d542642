/** How detection does in a campaign, over the last 30 days: verdicts, late beeps, mistakes by samples, the shadow beside it. */
import type { Db } from '../storage/database.ts'
import { countJudged, countShadow, countVerdicts, type ShadowCount, type VerdictCount } from './detection-stats-store.ts'
import { type FalsePositives, falsePositives, type JudgedCalls } from './false-positives.ts'

export interface DetectionStats {
  verdicts: VerdictCount[]
  judged: JudgedCalls
  /** null: no sample was judged yet. */
  peopleTakenForMachines: FalsePositives | null
  shadow: ShadowCount[]
}

const windowMs = 30 * 86_400_000

export async function readDetectionStats(
  db: Db,
  { campaignId, at }: { campaignId: string; at: number },
): Promise<DetectionStats> {
  const window = { campaignId, since: new Date(at - windowMs) }
  const [verdicts, judged, shadow] = await Promise.all([
    countVerdicts(db, window),
    countJudged(db, window),
    countShadow(db, window),
  ])
  return { verdicts, judged, peopleTakenForMachines: falsePositives(judged) ?? null, shadow }
}

/** For the pacer and the metrics. */
export async function measureFalsePositives(
  db: Db,
  { campaignId, at }: { campaignId: string; at: number },
): Promise<FalsePositives | undefined> {
  return falsePositives(await countJudged(db, { campaignId, since: new Date(at - windowMs) }))
}
