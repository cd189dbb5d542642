/**
 * A campaign's message made ready for one contact: composed from what is known of him, spoken, and named in the switch's
 * notation, before his call is placed. And the same for ears: a preview as one WAV. Called by campaigns/place-call.ts and the API.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { findCampaign } from '../campaigns/campaign-store.ts'
import type { CampaignSettings } from '../campaigns/settings.ts'
import { messageOf, OutpaceError } from '../errors.ts'
import type { Pool } from '../storage/database.ts'
import { type Composed, compose, type MessageFacts, type Speaker, textsFor, type Utterance } from './compose.ts'
import { type MessageKind, type MessageTexts, machineGets, type PreparedMessage, playsMessages } from './message.ts'
import { findContactOfLead, readMessageFacts } from './message-store.ts'
import type { Recordings } from './recordings.ts'
import type { Speech } from './speech.ts'
import { callbackTexts, optedOutTexts } from './templates.ts'
import { samplesOf, wavOf } from './wav.ts'

export interface Messages {
  /** In the order asked; undefined: this campaign plays no message to anybody. `problem`: why this contact cannot be called. */
  prepare(settings: CampaignSettings, calls: { contactId: number; callerId: string }[]): Promise<Prepared[]>
  /** One WAV, 8 kHz. Throws `bad_request` with the problem if it cannot be composed. */
  preview(campaignId: string, wish: PreviewWish): Promise<Buffer>
}

export type Prepared = PreparedMessage | { problem: string } | undefined

export interface PreviewWish {
  to: 'person' | 'machine'
  /** The contact of this lead of the campaign; left out: `sample`. */
  leadId?: number | undefined
  sample: MessageFacts
}

export interface MessagesDeps {
  pool: Pool
  speech: Speech
  recordings: Recordings
  /** Where speech and recordings lie. */
  folder: string
}

export function createMessages({ pool, speech, recordings, folder }: MessagesDeps): Messages {
  /** The path below the sounds folder; rejects with the reason. */
  async function fileOf(utterance: Utterance): Promise<string> {
    if ('say' in utterance) return speech.speak(utterance.say, utterance.language)
    if (await recordings.has(utterance.play)) return join('recordings', utterance.play)
    throw new Error(`the recording "${utterance.play}" was not uploaded`)
  }

  async function made(composed: Composed): Promise<{ files: string[] } | { problem: string }> {
    if ('problem' in composed) return composed
    try {
      return { files: await Promise.all(composed.utterances.map(fileOf)) }
    } catch (error) {
      return { problem: messageOf(error) }
    }
  }

  async function prepareOne(settings: CampaignSettings, facts: MessageFacts, speaker: Speaker): Promise<Prepared> {
    const { message } = settings
    if (!message) return { problem: 'the campaign has no message' }
    const media: PreparedMessage['media'] = {}
    for (const [kind, texts] of partsOf(settings)) {
      const result = await made(compose(texts, facts, speaker, message.fallbackLanguage))
      if ('problem' in result) return result
      media[kind] = result.files.map((file) => `sound:${file}`)
    }
    return { media, keys: message.keys, keyWaitMs: message.keyWaitMs }
  }

  return {
    async prepare(settings, calls) {
      if (!playsMessages(settings)) return calls.map(() => undefined)
      const known = await readMessageFacts(
        pool,
        calls.map(({ contactId }) => contactId),
      )
      return Promise.all(
        calls.map(async ({ contactId, callerId }) => {
          const facts = known.get(contactId)
          return facts ? prepareOne(settings, facts, { brand: settings.brand, callerId }) : { problem: 'the contact is gone' }
        }),
      )
    },

    async preview(campaignId, { to, leadId, sample }) {
      const { settings } = (await findCampaign(pool, campaignId)) ?? missing('campaign', campaignId)
      const texts = settings.message && textsFor(to, settings.message)
      if (!texts) throw refused(`the campaign has no message for a ${to}`)
      const contactId = leadId === undefined ? undefined : await findContactOfLead(pool, { campaignId, leadId })
      if (leadId !== undefined && contactId === undefined) missing('lead', leadId)
      const facts = contactId === undefined ? sample : (await readMessageFacts(pool, [contactId])).get(contactId)
      const speaker = { brand: settings.brand, callerId: sampleCallerId }
      const result = await made(compose(texts, facts ?? sample, speaker, settings.message?.fallbackLanguage))
      if ('problem' in result) throw refused(result.problem)
      const wavs = await Promise.all(result.files.map((file) => readFile(join(folder, `${file}.wav`))))
      return wavOf(wavs.map((wav) => samplesOf(wav) ?? Buffer.alloc(0)))
    },
  }
}

/** A preview has no call, so no number it comes from; the campaign's brand may have one to call back. */
const sampleCallerId = '+48221234567'

/** Everything a call of this campaign may have to play, beside its parting words. */
function partsOf(settings: CampaignSettings): [MessageKind, MessageTexts][] {
  const { message, mode } = settings
  if (!message) return []
  const parts: [MessageKind, MessageTexts][] = []
  if (mode === 'message') {
    parts.push(['person', textsFor('person', message) ?? {}])
    if (message.keys.optOut !== undefined) parts.push(['opted_out', optedOutTexts])
    if (message.keys.agent !== undefined) parts.push(['callback', callbackTexts])
  }
  if (machineGets(settings) === 'leave_message') parts.push(['machine', textsFor('machine', message) ?? {}])
  return parts
}

const refused = (problem: string) => new OutpaceError('bad_request', { problem })
function missing(what: string, id: string | number): never {
  throw new OutpaceError('not_found', { what, id })
}
