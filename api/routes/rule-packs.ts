/** Rule packs: what may be done in which country, rule by rule with its source. Data of the program, the same for everybody. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { rulePacks } from '../../dialer/leads/rule-packs/packs.ts'
import type { RulePack } from '../../dialer/leads/rule-packs/rule-pack.ts'
import { limitOf, ruleNames } from '../../dialer/leads/rule-packs/strictness.ts'

/** With the rules of the house that hold where the pack names none; what no rule limits is left out. */
const whole = (pack: RulePack) => ({
  ...pack,
  rules: ruleNames.map((rule) => ({ rule, ...limitOf(pack, rule) })).filter(({ limit }) => limit !== undefined && limit !== null),
})

export const rulePackRoutes = (): FastifyPluginAsyncZod => async (app) => {
  app.get('/v1/rule-packs', {
    schema: { tags: ['campaigns'], summary: 'The rule packs: what each country allows at most, with sources' },
    config: { allowed: ['operator'] },
    handler: async () => ({ rulePacks: rulePacks.map(whole) }),
  })
}
