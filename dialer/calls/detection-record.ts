/**
 * A verdict as it is kept: who gave it, on what evidence, and whether the call followed it. Pure. One for the switch's or
 * our detector that decided, one for ours where it only listened (shadow). Written by detection-store.ts.
 */

import type { CallPlan } from './call-plan.ts'
import type { AnswerFacts } from './call-state.ts'
import type { Heard } from './hearing.ts'

export interface DetectionRecord {
  attemptId: string
  campaignId: string
  detector: 'asterisk' | 'outpace'
  /** False: it listened in shadow. */
  acted: boolean
  verdict: 'human' | 'machine' | 'unsure'
  reason: string
  at: number
  /** Milliseconds from the answer to the verdict. */
  verdictMs: number
  sample: boolean
  lateBeep: boolean
  heard?: Heard
  /** Until when the audio in `heard` is kept. */
  audioUntil: number
}

const dayMs = 86_400_000

export function detectionRecords(plan: CallPlan, facts: AnswerFacts | undefined, heard: Heard | undefined): DetectionRecord[] {
  if (!facts) return []
  const { answeredAt, detected } = facts
  const records: DetectionRecord[] = []
  const common = {
    ...{ attemptId: plan.id, campaignId: plan.campaignId, lateBeep: facts.lateBeepAt !== undefined },
    audioUntil: answeredAt + plan.settings.evidenceAudio.days * dayMs,
  }
  if (detected) {
    const { verdict, cause: reason, at, detector = plan.settings.detection === 'outpace' ? 'outpace' : 'asterisk' } = detected
    const decided = {
      ...common,
      detector,
      acted: true,
      verdict,
      reason,
      at,
      verdictMs: at - answeredAt,
      sample: !!detected.sample,
    }
    records.push(detector === 'outpace' && heard ? { ...decided, heard } : decided)
  }
  if (heard?.verdict && records[0]?.detector !== 'outpace') {
    const { verdict, reason, atMs } = heard.verdict
    const at = answeredAt + atMs
    records.push({ ...common, detector: 'outpace', acted: false, verdict, reason, at, verdictMs: atMs, sample: false, heard })
  }
  return records
}
