/** United Kingdom: Ofcom's policy on persistent misuse. Since March 2017 there is no share of abandoned calls that is safe. */
import type { RulePack } from './rule-pack.ts'

const ofcom = 'Ofcom, persistent misuse policy of 1 March 2017'
const noHarbour = `${ofcom}: any abandoned call counts, there is no safe share; the figure is the house's`

export const unitedKingdom = {
  id: 'UK',
  version: '2026-11.1',
  name: 'United Kingdom',
  countries: ['GB'],
  confirmed: true,
  rules: [
    { rule: 'abandonTarget', limit: 0.001, source: noHarbour },
    { rule: 'abandonLimit', limit: 0.005, source: noHarbour },
    { rule: 'graceMs', limit: 2000, source: `${ofcom}: the information message within 2 s` },
    { rule: 'ringTimeoutMs', limit: 15_000, source: `${ofcom}: an unanswered call rings at least 15 s` },
    {
      rule: 'waits.afterAbandonedHours',
      limit: 72,
      source: `${ofcom}: after an abandoned call 72 h without a call to the number, unless an agent is reserved`,
    },
    {
      rule: 'waits.afterMachineHours',
      limit: 24,
      source: `${ofcom}: after a machine was detected 24 h without a call to the number, unless an agent is reserved`,
    },
  ],
  duties: [
    { duty: 'The caller ID is valid, can be dialed and identifies the caller', source: ofcom },
    {
      duty: 'The rate is abandoned / (abandoned + connected) per campaign and 24 h, with a reasoned estimate of people taken for machines (peopleTakenForMachines)',
      source: ofcom,
    },
  ],
} as const satisfies RulePack
