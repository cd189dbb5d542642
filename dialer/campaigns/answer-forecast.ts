/**
 * How likely a person answers this call now, for all campaigns of this process: asks the answer model, teaches it with each
 * attempt that ends, and keeps what it learnt over restarts. Called by place-call.ts and the runner.
 */

import type { Outcome } from '../calls/call.ts'
import type { CallPlan } from '../calls/call-plan.ts'
import type { Clock } from '../clock.ts'
import type { ClaimedLead, LeadPhone } from '../leads/lead.ts'
import { type AnswerModel, createAnswerModel, type LeadFeatures } from '../pacing/answer-model.ts'
import { findPacingMemory, savePacingMemory } from '../pacing/pacing-memory-store.ts'
import type { Pool } from '../storage/database.ts'
import { answeredByPerson, leadFeatures } from './lead-features.ts'

export interface Forecast {
  features: LeadFeatures
  probability: number
  /** The chance now against that of the lead's best hour of the day, 0..1. */
  momentFit: number
}

export interface AnswerForecast {
  forecast(lead: ClaimedLead, phone: LeadPhone, at: number): Forecast
  learn(plan: CallPlan, outcome: Outcome): void
  calibration: AnswerModel['calibration']
  load(): Promise<void>
  save(): Promise<void>
}

const memoryName = 'answer-model'
/** Hours in which people are called at all. */
const hours = Array.from({ length: 14 }, (_, index) => index + 8)

export function createAnswerForecast({ pool, clock }: { pool: Pool; clock: Clock }): AnswerForecast {
  let model = createAnswerModel()
  let learnt = 0

  return {
    forecast(lead, phone, at) {
      const features = leadFeatures(lead, phone, at)
      const probability = model.probability(features)
      const best = Math.max(probability, ...hours.map((hour) => model.probability({ ...features, hour })))
      return { features, probability, momentFit: probability / best }
    },
    learn(plan, outcome) {
      const answered = answeredByPerson(outcome.disposition)
      if (answered === undefined || !plan.features) return
      model.learn(plan.features, answered)
      learnt++
    },
    calibration: () => model.calibration(),
    async load() {
      model = createAnswerModel(await findPacingMemory(pool, memoryName))
    },
    async save() {
      if (learnt === 0) return
      learnt = 0
      await savePacingMemory(pool, { name: memoryName, saved: model.snapshot(), at: new Date(clock.now()) })
    },
  }
}
