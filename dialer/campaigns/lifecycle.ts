/**
 * The life of a campaign: draft -> running <-> paused -> draining -> finished.
 *
 * running   calls are placed.
 * paused    none is placed; calls in flight and talks go on. `start` takes up where it stopped.
 * draining  none is placed, and the campaign is over as soon as its last call is; `start` and `pause` take that back.
 * finished  nothing is live. It may be started again: tomorrow's file goes into the same campaign, and with it
 *           every contact's history and the 30 days of the abandonment record.
 *
 * The machine has no effects: the runner acts on the state itself, at its next tick. Called by office.ts.
 */

export const campaignStates = ['draft', 'running', 'paused', 'draining', 'finished'] as const
export type CampaignState = (typeof campaignStates)[number]

/** `last_call_ended`: told by the runner when no call of the campaign is live. */
export const campaignEvents = ['start', 'pause', 'drain', 'last_call_ended'] as const
export type CampaignEvent = (typeof campaignEvents)[number]

const transitions: Record<CampaignState, Partial<Record<CampaignEvent, CampaignState>>> = {
  draft: { start: 'running' },
  running: { pause: 'paused', drain: 'draining' },
  paused: { start: 'running', drain: 'draining' },
  draining: { start: 'running', pause: 'paused', last_call_ended: 'finished' },
  finished: { start: 'running' },
}

export type CampaignStep = { state: CampaignState; ignored?: undefined } | { state: CampaignState; ignored: string }

export function step(state: CampaignState, event: CampaignEvent): CampaignStep {
  const next = transitions[state][event]
  return next ? { state: next } : { state, ignored: whyNot(state, event) }
}

/** What a person may ask for in this state. */
export const possible = (state: CampaignState): CampaignEvent[] =>
  campaignEvents.filter((event) => event !== 'last_call_ended' && transitions[state][event] !== undefined)

function whyNot(state: CampaignState, event: CampaignEvent): string {
  if (event === 'last_call_ended') return `a ${state} campaign does not end with its last call`
  return `a ${state} campaign cannot ${event}`
}
