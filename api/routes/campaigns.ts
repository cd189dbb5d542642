/** Campaigns: made, changed while they run, taken through their life, and looked at. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { type Campaign, campaignNameSchema } from '../../dialer/campaigns/campaign.ts'
import { campaignSettingsSchema } from '../../dialer/campaigns/settings.ts'
import type { ApiDeps } from '../deps.ts'
import { emptyBody, uuidParams } from './common.ts'

/** The campaign office judges settings whole, under their rule pack; the page shows what they are. */
const ownSettings = z
  .record(z.string(), z.unknown())
  .meta({ ...z.toJSONSchema(campaignSettingsSchema, { io: 'input' }), $schema: undefined })
const newCampaign = z.strictObject({ name: campaignNameSchema, settings: ownSettings })

const campaignPatch = z.strictObject({
  name: campaignNameSchema.exactOptional(),
  settings: z
    .record(z.string(), z.unknown())
    .exactOptional()
    .describe(
      'Only what changes; objects are merged, lists replaced, null goes back to the default. Holds from the next tick on.',
    ),
})

/** Into the audit, beside what was sent: where the campaign is looser than its rule pack now, and why. */
const looserRules = ({ rules }: Campaign) => (rules.looser.length > 0 ? { rules } : {})

const tags = ['campaigns']
const allowed = ['operator' as const]

export const campaignRoutes =
  ({ office }: ApiDeps): FastifyPluginAsyncZod =>
  async (app) => {
    app.post('/v1/campaigns', {
      schema: { tags, summary: 'Make a campaign, in the state draft', body: newCampaign },
      config: { allowed, audit: 'campaign.create', auditValues: true },
      handler: async (request, reply) => {
        const campaign = await office.create(request.body)
        request.auditOutcome = looserRules(campaign)
        return reply.code(201).header('location', `/v1/campaigns/${campaign.id}`).send(campaign)
      },
    })

    app.get('/v1/campaigns', {
      schema: { tags, summary: 'All campaigns' },
      config: { allowed },
      handler: async () => ({ campaigns: await office.list() }),
    })

    app.get('/v1/campaigns/:id', {
      schema: { tags, summary: 'One campaign with all its settings', params: uuidParams },
      config: { allowed },
      handler: (request) => office.get(request.params.id),
    })

    app.patch('/v1/campaigns/:id', {
      schema: { tags, summary: 'Change name or settings, in any state', params: uuidParams, body: campaignPatch },
      config: { allowed, audit: 'campaign.change', auditValues: true },
      handler: async (request) => {
        const campaign = await office.change(request.params.id, request.body)
        request.auditOutcome = looserRules(campaign)
        return campaign
      },
    })

    const moves = {
      start: 'Place calls, from now on or again',
      pause: 'Place no more calls; those in flight and talks go on',
      drain: 'Place no more calls, and finish with the last one',
    } as const
    for (const move of ['start', 'pause', 'drain'] as const) {
      app.post(`/v1/campaigns/:id/${move}`, {
        schema: { tags, summary: moves[move], params: uuidParams, body: emptyBody },
        config: { allowed, audit: `campaign.${move}` },
        handler: (request) => office[move](request.params.id),
      })
    }

    app.get('/v1/campaigns/:id/stats', {
      schema: { tags, summary: 'Leads, attempts, abandonment, occupancy, and what is live', params: uuidParams },
      config: { allowed },
      handler: (request) => office.stats(request.params.id),
    })
  }
