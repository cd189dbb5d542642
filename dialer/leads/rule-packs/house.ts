/**
 * The house's own rules, where no pack of a country is known, and in every pack for the rules that it does not name: what
 * campaigns start with (rule-settings.ts) is also the most they may do, but for what is named here.
 */
import type { RulePack } from './rule-pack.ts'

export const house = {
  id: 'default',
  version: '2026-11.1',
  name: 'Every other country',
  countries: [],
  confirmed: true,
  rules: [
    {
      rule: 'abandonTarget',
      limit: 0.03,
      source: 'house rule: the strictest share that any known law names (47 CFR 64.1200(a)(7))',
    },
    {
      rule: 'ringTimeoutMs',
      limit: 15_000,
      source: 'house rule: the shortest ring that any known law allows (47 CFR 64.1200(a)(6))',
    },
  ],
  duties: [],
} as const satisfies RulePack
