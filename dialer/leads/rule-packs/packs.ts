/** The rule packs there are, and which one holds for a country that has none: the house's own rules, strict everywhere. */
import { czechia } from './cz.ts'
import { germany } from './de.ts'
import { greece } from './gr.ts'
import { house } from './house.ts'
import { hungary } from './hu.ts'
import { poland } from './pl.ts'
import type { RulePack } from './rule-pack.ts'
import { slovenia } from './si.ts'
import { slovakia } from './sk.ts'
import { unitedKingdom } from './uk.ts'
import { unitedStates } from './us.ts'

const all = [
  house,
  unitedStates,
  unitedKingdom,
  poland,
  czechia,
  slovakia,
  hungary,
  slovenia,
  greece,
  germany,
] as const satisfies RulePack[]

export const rulePacks: readonly RulePack<RulePackId>[] = all
export type RulePackId = (typeof all)[number]['id']
export const rulePackIds = all.map((pack) => pack.id)

export function packOf(id: RulePackId): RulePack<RulePackId> {
  return rulePacks.find((pack) => pack.id === id) ?? house
}

export const packOfCountry = (country: string): RulePack<RulePackId> =>
  rulePacks.find((pack) => pack.countries.includes(country)) ?? house
