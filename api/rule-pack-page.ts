/**
 * docs/rule-packs.md, rendered from the rule packs. A test proves the page equal to them;
 * `npx tsx api/rule-pack-page.ts` writes it anew.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { rulePacks } from '../dialer/leads/rule-packs/packs.ts'
import type { Rule, RulePack } from '../dialer/leads/rule-packs/rule-pack.ts'
import { limitOf, ruleNames } from '../dialer/leads/rule-packs/strictness.ts'
import { type WindowSettings, type weekdays, windowSettingsSchema } from '../dialer/leads/rule-settings.ts'

export const rulePackPagePath = join(import.meta.dirname, '..', 'docs', 'rule-packs.md')

const hours = (windows: WindowSettings, day: (typeof weekdays)[number]) =>
  windows[day].map(({ from, to }) => `${from}-${to}`).join(', ') || 'closed'

function tell(rule: Rule['rule'], limit: unknown): string {
  if (rule !== 'windows') return typeof limit === 'number' || typeof limit === 'string' ? `\`${limit}\`` : 'none'
  const windows = windowSettingsSchema.parse(limit)
  const days = `Mon-Fri ${hours(windows, 'monday')}; Sat ${hours(windows, 'saturday')}; Sun ${hours(windows, 'sunday')}`
  return `${days}; public holidays ${windows.onHolidays ? 'as other days' : 'closed'}`
}

function section(pack: RulePack): string {
  const own = pack.rules.map(({ rule, limit, source }) => `| \`${rule}\` | ${tell(rule, limit)} | ${source} |`)
  const duties = pack.duties.map(({ duty, source }) => `- ${duty} (${source}).`)
  return [
    `## ${pack.id}: ${pack.name}`,
    `Version ${pack.version}${pack.confirmed ? '' : '. **Not confirmed**: ask a lawyer before you rely on it'}.`,
    own.length > 0
      ? ['| rule | at most | source |', '|---|---|---|', ...own].join('\n')
      : 'No rules of its own: those of the house.',
    ...(duties.length > 0 ? [`What the engine cannot decide for an attempt:\n\n${duties.join('\n')}`] : []),
  ].join('\n\n')
}

export function renderRulePackPage(): string {
  const [house, ...countries] = rulePacks
  const houseRules = ruleNames.flatMap((rule) => {
    const limit = house && limitOf(house, rule).limit
    return limit === undefined || limit === null ? [] : [`| \`${rule}\` | ${tell(rule, limit)} |`]
  })
  return `# Rule packs

What a campaign may do at most, by country. How packs are chosen and left is told in [regulations.md](regulations.md). This page
is made from dialer/leads/rule-packs/ by api/rule-pack-page.ts; the same is at \`GET /v1/rule-packs\`.

## default: the house's own rules

Version ${house?.version}. They hold where no country's pack is known, and in every pack for the rules that it does not name.

| rule | at most |
|---|---|
${houseRules.join('\n')}

${countries.map(section).join('\n\n')}
`
}

if (process.argv[1] === import.meta.filename) writeFileSync(rulePackPagePath, renderRulePackPage())
