/**
 * How likely a person answers this call now, for all campaigns of this process: asks the answer model, teaches it what came
 * of each call, and keeps what it learnt over restarts. Called by place-call.ts and the runner.
 *
 * Two things keep it honest. It tells the pacer nothing of a list until it has seen enough of it: a cold guess of one in ten
 * would talk the pacer out of its careful start (`make bench-pacing-live` saw 6 of the first 7 answers abandoned). And it
 * learns in the order of placing: a busy line is known in a second, a person in twenty, and what is known first is no sample.
 */
import type { CallPlan } from '../calls/call-plan.ts'
import type { Disposition } from '../calls/outcome.ts'
import type { Clock } from '../clock.ts'
import type { ClaimedLead, LeadPhone } from '../leads/lead.ts'
import { type AnswerModel, createAnswerModel, type LeadFeatures } from '../pacing/answer-model.ts'
import type { PacingEvent } from '../pacing/pacer.ts'
import { findPacingMemory, savePacingMemory } from '../pacing/pacing-memory-store.ts'
import type { Pool } from '../storage/database.ts'
import { answeredByPerson, leadFeatures } from './lead-features.ts'

export interface Forecast {
  features: LeadFeatures
  /** Absent while too little of the list was seen. */
  answerProbability?: number
  /** The chance now against that of the lead's best hour of the day, 0..1. */
  momentFit: number
}

export interface AnswerForecast {
  /** Whether enough of the campaign's list was seen to tell its leads apart. */
  knows(campaignId: string): boolean
  forecast(lead: ClaimedLead, phone: LeadPhone, at: number): Forecast
  placed(plan: CallPlan): void
  observe(event: PacingEvent): void
  ended(callId: string, disposition: Disposition): void
  calibration: AnswerModel['calibration']
  load(): Promise<void>
  save(): Promise<void>
}

interface OpenCall {
  features: LeadFeatures
  /** Undefined: not known yet; null: the call says nothing about people. */
  answered: boolean | null | undefined
}

const memoryName = 'answer-model'
/** Calls of a list that came to their end before its chances are told (simulated: 200 cost 3 points of occupancy, 500 one). */
const enoughCalls = 500
/** Hours in which people are called at all. */
const hours = Array.from({ length: 14 }, (_, index) => index + 8)

export function createAnswerForecast({ pool, clock }: { pool: Pool; clock: Clock }): AnswerForecast {
  let model = createAnswerModel()
  let seen = new Map<string, number>()
  let changed = false
  /** In the order of placing. */
  const open = new Map<string, OpenCall>()

  function resolve(callId: string, answered: boolean | null): void {
    const call = open.get(callId)
    if (!call || call.answered !== undefined) return
    call.answered = answered
    for (const [id, { features, answered: known }] of open) {
      if (known === undefined) break
      open.delete(id)
      if (known !== null) learn(features, known)
    }
  }

  function learn(features: LeadFeatures, answered: boolean): void {
    model.learn(features, answered)
    seen.set(features.list, (seen.get(features.list) ?? 0) + 1)
    changed = true
  }

  const knows = (list: string) => (seen.get(list) ?? 0) >= enoughCalls

  return {
    knows,
    forecast(lead, phone, at) {
      const features = leadFeatures(lead, phone, at)
      const probability = model.probability(features)
      const best = Math.max(probability, ...hours.map((hour) => model.probability({ ...features, hour })))
      return { features, ...(knows(features.list) && { answerProbability: probability }), momentFit: probability / best }
    },
    placed({ id, features }) {
      if (features) open.set(id, { features, answered: undefined })
    },
    observe(event) {
      if (event.type === 'answered') resolve(event.callId, event.by !== 'machine')
    },
    ended: (callId, disposition) => resolve(callId, answeredByPerson(disposition) ?? null),
    calibration: () => model.calibration(),
    async load() {
      const saved = await findPacingMemory(pool, memoryName)
      const state = isSaved(saved) ? saved : undefined
      model = createAnswerModel(state?.model)
      seen = new Map(state?.seen)
    },
    async save() {
      if (!changed) return
      changed = false
      const saved = { model: model.snapshot(), seen: [...seen] }
      await savePacingMemory(pool, { name: memoryName, saved, at: new Date(clock.now()) })
    },
  }
}

function isSaved(saved: unknown): saved is { model: unknown; seen: [string, number][] } {
  return typeof saved === 'object' && saved !== null && 'model' in saved && 'seen' in saved && Array.isArray(saved.seen)
}
