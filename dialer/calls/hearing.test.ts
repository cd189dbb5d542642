import t from 'tap'
import { linearToAlaw } from '../amd/g711.ts'
import { createHearing } from './hearing.ts'

const loud = (samples: number) => new Int16Array(samples).fill(8000)
const silence = 0xd5

t.test('the first seconds are kept in their place, what did not arrive is silence', async (t) => {
  const hearing = createHearing({ answeredAt: 1000, keepAudioMs: 100 })
  hearing.took({ at: 1010, samples: loud(160), lost: 0 }, 1031)
  hearing.took({ at: 1050, samples: loud(160), lost: 1 }, 1075)
  hearing.took({ at: 1090, samples: loud(160), lost: 0 }, 1110)
  hearing.took({ at: 2000, samples: loud(160), lost: 0 }, 2020)
  const { audio, media } = hearing.summary()
  t.equal(audio?.length, 800, 'cut at the end')
  const [sound] = linearToAlaw(loud(1))
  const at = (ms: number) => audio?.[ms * 8]
  t.same([5, 10, 29, 40, 50, 75, 95].map(at), [silence, sound, sound, silence, sound, silence, sound])
  t.same(media, { firstMs: 31, packets: 4, lost: 1, latestMs: 5 })
})

t.test('audio is kept only where it is asked for and came', async (t) => {
  const unasked = createHearing({ answeredAt: 0, keepAudioMs: 0 })
  unasked.took({ at: 0, samples: loud(160), lost: 0 }, 20)
  t.equal(unasked.summary().audio, undefined)
  t.equal(createHearing({ answeredAt: 0, keepAudioMs: 100 }).summary().audio, undefined)
})

t.test('the first of each kind of fact stands, and every tone', async (t) => {
  const hearing = createHearing({ answeredAt: 0, keepAudioMs: 0 })
  const verdict = { atMs: 900, verdict: 'machine', reason: 'long', confidence: 0.9, features: { words: 9 } } as const
  hearing.note({ type: 'verdict', ...verdict })
  hearing.note({ type: 'tone', kind: 'ringback', atMs: 950 })
  hearing.note({ type: 'tone', kind: 'music', atMs: 960 })
  hearing.note({ type: 'greeting_ended', atMs: 5000 })
  hearing.note({ type: 'greeting_ended', atMs: 9000 })
  hearing.note({ type: 'beep', onsetMs: 5300, endMs: 5700, frequencyHz: 1000 })
  hearing.note({ type: 'beep', onsetMs: 9300, endMs: 9700, frequencyHz: 1000 })
  t.match(hearing.summary(), {
    verdict,
    greetingEndedMs: 5000,
    beep: { onsetMs: 5300, endMs: 5700, frequencyHz: 1000 },
    tones: [{ kind: 'ringback' }, { kind: 'music' }],
  })
})
