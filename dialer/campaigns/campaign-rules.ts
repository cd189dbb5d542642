/**
 * A campaign's settings under its rule pack. What is kept of a campaign are its own settings, as given; what holds are those
 * filled up from the pack and the house's rules. Stricter than the pack a campaign may be as it likes; looser only with a
 * reason, which is audited and shown. Pure; used by office.ts (which refuses) and campaign-store.ts (which reads back).
 */
import { z } from 'zod'
import { OutpaceError } from '../errors.ts'
import { packOf, packOfCountry, type RulePackId, rulePackIds, rulePacks } from '../leads/rule-packs/packs.ts'
import type { RulePack } from '../leads/rule-packs/rule-pack.ts'
import { defaultsUnder, type LooserRule, looserThan, patchOf } from '../leads/rule-packs/strictness.ts'
import { mergePatch } from './merge-patch.ts'
import { type CampaignSettings, campaignSettingsSchema } from './settings.ts'

/** Under which rules a campaign calls. */
export interface CampaignRules {
  pack: RulePackId
  version: string
  confirmed: boolean
  /** Where the campaign goes beyond its pack. */
  looser: LooserRule[]
  looserBecause: string | null
}

interface SettledRules {
  settings: CampaignSettings
  rules: CampaignRules
}

const choiceSchema = z.object({
  country: z.string().optional().catch(undefined),
  rulePack: z.enum(rulePackIds).optional().catch(undefined),
})

function packFor(own: unknown): RulePack<RulePackId> {
  const { country = '', rulePack } = choiceSchema.safeParse(own).data ?? {}
  return rulePack ? packOf(rulePack) : packOfCountry(country)
}

/** What a campaign starts from, by its pack. */
const beginnings = new Map(rulePacks.map((pack) => [pack.id, defaultsUnder(pack).reduce(mergePatch, {})]))

const fill = (own: unknown, { id }: RulePack<RulePackId>) => campaignSettingsSchema.safeParse(mergePatch(beginnings.get(id), own))

function rulesOf(pack: RulePack<RulePackId>, settings: CampaignSettings): CampaignRules {
  const { id, version, confirmed } = pack
  const looser = looserThan(pack, settings)
  return { pack: id, version, confirmed, looser, looserBecause: settings.looserBecause ?? null }
}

/** `bad_request` names each field that does not fit; `looser_than_pack` each rule that would be loosened without a reason. */
export function settleSettings(own: unknown): SettledRules {
  const pack = packFor(own)
  const parsed = fill(own, pack)
  if (!parsed.success) {
    const problem = parsed.error.issues.map((issue) => `${['settings', ...issue.path].join('.')}: ${issue.message}`).join('; ')
    throw new OutpaceError('bad_request', { problem }, parsed.error)
  }
  const rules = rulesOf(pack, parsed.data)
  if (rules.looserBecause === null) refuseLooser(pack, rules.looser)
  return { settings: parsed.data, rules }
}

/** Of a change: what is looser than before needs a reason of its own, not the one that was given for something else. */
export function settleChange(before: CampaignRules, own: unknown, patch: unknown): SettledRules {
  const settled = settleSettings(own)
  const known = new Set(before.looser.map(({ rule, set }) => JSON.stringify([rule, set])))
  const added = settled.rules.looser.filter(({ rule, set }) => !known.has(JSON.stringify([rule, set])))
  const hasReason = patch instanceof Object && 'looserBecause' in patch
  if (!hasReason) refuseLooser(packOf(settled.rules.pack), added)
  return settled
}

/** What holds of stored settings. A pack that became stricter since holds; only what was loosened with a reason stays. */
export function readSettings(own: unknown): SettledRules {
  const pack = packFor(own)
  const settings = campaignSettingsSchema.parse(fill(own, pack).data ?? own)
  const rules = rulesOf(pack, settings)
  if (rules.looser.length === 0 || rules.looserBecause !== null) return { settings, rules }
  const kept = rules.looser.reduce<unknown>((kept, { rule }) => mergePatch(kept, patchOf(rule, null)), own)
  const held = campaignSettingsSchema.parse(fill(kept, pack).data)
  return { settings: held, rules: rulesOf(pack, held) }
}

function refuseLooser(pack: RulePack, looser: LooserRule[]): void {
  if (looser.length === 0) return
  const told = looser.map(({ rule, limit, set }) =>
    rule === 'windows' ? 'settings.windows' : `settings.${rule} (${set}, the pack says ${limit})`,
  )
  throw new OutpaceError('looser_than_pack', { pack: `${pack.id} (${pack.version})`, rules: told.join('; ') })
}
