/**
 * Which of two values of a rule is stricter, what a pack allows at most, and where settings go beyond it. Pure; works on any
 * rule by its name, which is the path of its setting. Used by campaigns/campaign-rules.ts and to tell a rule's source.
 */
import {
  consentRules,
  type RuleSettings,
  ruleSettingsSchema,
  type WindowSettings,
  weekdays,
  windowSettingsSchema,
} from '../rule-settings.ts'
import { house } from './house.ts'
import { type NumberRule, numberRules, type Rule, type RuleName, type RulePack } from './rule-pack.ts'

const start = ruleSettingsSchema.parse({})
const houseSource = "house rule, safe where the country's own is not known (docs/regulations.md)"

const isNumberRule = (rule: string): rule is NumberRule => rule in numberRules
export const ruleNames: readonly RuleName[] = ['windows', 'consent', ...Object.keys(numberRules).filter(isNumberRule)]

/** The most that a pack allows, and who says so. */
export function limitOf(pack: RulePack, rule: RuleName): { limit: unknown; source: string } {
  const ofRule = (one: Rule) => one.rule === rule
  return pack.rules.find(ofRule) ?? house.rules.find(ofRule) ?? { limit: settingOf(start, rule), source: houseSource }
}

/** What a campaign under this pack starts from, as patches: the house's rules, or the pack's where those are stricter. */
export function defaultsUnder(pack: RulePack): unknown[] {
  return pack.rules.map((one) =>
    one.rule === 'windows'
      ? patchOf(one.rule, inBoth(start.windows, one.limit))
      : patchOf(one.rule, stricter(one.rule, settingOf(start, one.rule), one.limit)),
  )
}

export interface LooserRule {
  rule: RuleName
  /** The most that the pack allows. */
  limit: unknown
  /** What is set instead. */
  set: unknown
  source: string
}

/** Where these settings go beyond the pack. */
export function looserThan(pack: RulePack, settings: RuleSettings): LooserRule[] {
  const windows = pack.rules.find((one) => one.rule === 'windows')
  return ruleNames.flatMap((rule) => {
    const { limit, source } = limitOf(pack, rule)
    const set = settingOf(settings, rule)
    const isLooser =
      rule === 'windows' ? !isWithin(settings.windows, windows?.limit ?? start.windows) : rank(rule, set) < rank(rule, limit)
    return isLooser ? [{ rule, limit, set: set ?? null, source }] : []
  })
}

/** A patch that sets a rule, or with null takes it out of the settings it is merged into. */
export const patchOf = (rule: RuleName, value: unknown): unknown =>
  rule.split('.').reduceRight<unknown>((inner, key) => ({ [key]: inner }), value)

/** undefined or null: the rule is not set. */
export function settingOf(settings: object, rule: RuleName): unknown {
  return rule.split('.').reduce<unknown>((at, key) => (at instanceof Object ? Reflect.get(at, key) : undefined), settings)
}

const consentRank = new Map<unknown, number>(consentRules.map((name, index) => [name, index]))

/** The higher, the stricter; a rule that is not set is no rule. */
function rank(rule: Exclude<RuleName, 'windows'>, value: unknown): number {
  if (rule === 'consent') return consentRank.get(value) ?? Number.NEGATIVE_INFINITY
  if (typeof value !== 'number') return Number.NEGATIVE_INFINITY
  return numberRules[rule] === 'lower' ? -value : value
}

const stricter = (rule: Exclude<RuleName, 'windows'>, one: unknown, other: unknown): unknown =>
  rank(rule, one) < rank(rule, other) ? other : one

type Spans = WindowSettings['monday']

function isWithin(own: WindowSettings, most: WindowSettings): boolean {
  const isInside = (span: Spans[number], spans: Spans) => spans.some(({ from, to }) => from <= span.from && span.to <= to)
  if (own.onHolidays && !most.onHolidays) return false
  return weekdays.every((day) => own[day].every((span) => isInside(span, most[day])))
}

/** The time that both windows allow. */
function inBoth(one: WindowSettings, other: WindowSettings): WindowSettings {
  const days = weekdays.map((day) => [day, one[day].flatMap((span) => other[day].flatMap((its) => overlap(span, its)))])
  return windowSettingsSchema.parse({ ...Object.fromEntries(days), onHolidays: one.onHolidays && other.onHolidays })
}

function overlap(one: Spans[number], other: Spans[number]): Spans {
  const from = one.from > other.from ? one.from : other.from
  const to = one.to < other.to ? one.to : other.to
  return from < to ? [{ from, to }] : []
}
