/**
 * Events as ARI should never send them: real ones with fields missing, of another type, far too long, and plain junk. Seeded and
 * pure. None of them says a plausible untruth of a live channel: the engine believes its switch, it only must not break on it.
 */
import { pick, type Random } from '../chance.ts'

const types = [
  ...['StasisStart', 'StasisEnd', 'ChannelStateChange', 'ChannelDestroyed', 'ChannelDtmfReceived', 'ChannelHangupRequest'],
  ...['PlaybackFinished', 'PlaybackStarted', 'BridgeDestroyed', 'ContactStatusChange', 'RESTResponse', 'NoSuchEvent', ''],
]

function event(random: Random, n: number): Record<string, unknown> {
  const channel = { id: `fuzz-${n}`, name: `PJSIP/_trunk-fuzz-${n}`, state: 'Up', caller: { name: '', number: '' }, dialplan: {} }
  return {
    ...{ type: pick(random, types), application: 'outpace', timestamp: '2026-11-22T12:00:00.000+0000', asterisk_id: 'fuzz' },
    ...{ args: ['answered'], channel, cause: 16, cause_txt: 'Normal Clearing', digit: '1', duration_ms: 100 },
    ...{
      playback: { id: `fuzz-${n}`, target_uri: `channel:fuzz-${n}`, state: 'done' },
      request_id: `fuzz-${n}`,
      status_code: 200,
    },
    ...{ contact_info: { aor: `fuzz${n}`, uri: `sip:fuzz${n}@127.0.0.1`, contact_status: 'Reachable', roundtrip_usec: '1' } },
  }
}

const wrong = [null, 0, -1, 1e308, '', 'x'.repeat(20_000), [], {}, true, [[[[]]]], { id: 7 }, '\ud800']

function spoil(random: Random, fields: Record<string, unknown>): Record<string, unknown> {
  const spoilt = { ...fields }
  for (let i = 0; i < 1 + Math.floor(random() * 4); i++) {
    const key = pick(random, Object.keys(fields))
    if (random() < 0.3) delete spoilt[key]
    else spoilt[key] = pick(random, wrong)
  }
  return spoilt
}

/** The n-th text for the engine's WebSocket. */
export function spoiltEvent(random: Random, n: number): string {
  const text = JSON.stringify(spoil(random, event(random, n)))
  const how = random()
  if (how < 0.1) return text.slice(0, Math.floor(random() * text.length))
  if (how < 0.15) return pick(random, ['null', '[]', '7', '"x"', '', '{', '\u0000', `[${'['.repeat(5000)}`])
  return text
}
