/** Proves docs/rule-packs.md equal to the rule packs. */
import { readFileSync } from 'node:fs'
import t from 'tap'
import { renderRulePackPage, rulePackPagePath } from './rule-pack-page.ts'

t.test('the page is the packs', async (t) => {
  t.equal(readFileSync(rulePackPagePath, 'utf8'), renderRulePackPage(), 'write it anew with: npx tsx api/rule-pack-page.ts')
})
