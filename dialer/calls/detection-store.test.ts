/** Verdicts on a real database: what is kept, what the figures make of it, and when the audio goes. */
import t from 'tap'
import { eventually } from '../../load-tests/deadline.ts'
import { withDatabase } from '../../test/support/database.ts'
import { createFakeClock } from '../../test/support/fake-clock.ts'
import { readDetectionStats } from '../campaigns/detection-stats.ts'
import type { DetectionRecord } from './detection-record.ts'
import { insertDetections } from './detection-store.ts'
import { createEvidence } from './evidence.ts'
import { silentLog as log, prepareFloor } from './floor-under-test.ts'

const day = 86_400_000

t.test('verdicts and their evidence', async (t) => {
  const { pool } = await withDatabase(t)
  const clock = createFakeClock()
  const floor = await prepareFloor(pool, clock)
  const plans = await floor.dial(5)
  const evidence = createEvidence({ pool, clock, log })

  const record = (n: number, more: Partial<DetectionRecord>): DetectionRecord => ({
    ...{ attemptId: plans[n]?.id ?? '', campaignId: floor.id, detector: 'outpace', acted: true, verdict: 'machine' },
    ...{ reason: 'long greeting', at: clock.now(), verdictMs: 2400, sample: false, lateBeep: false },
    audioUntil: clock.now() + day,
    ...more,
  })
  const heard = {
    verdict: {
      atMs: 2400,
      verdict: 'machine',
      reason: 'long greeting',
      confidence: 0.9,
      features: { words: 9 },
      greetingEndMs: 5000,
    },
    beep: { onsetMs: 5300, endMs: 5700, frequencyHz: 1000 },
    tones: [{ kind: 'ringback', atMs: 100 }],
    media: { firstMs: 21, packets: 120, lost: 1, latestMs: 3.5 },
    audio: new Uint8Array([1, 2, 3]),
  } as const
  const records = [
    record(0, { heard: { ...heard, tones: [...heard.tones] } }),
    record(1, { detector: 'asterisk', sample: true, reason: 'MAXWORDS' }),
    record(2, { detector: 'asterisk', sample: true }),
    record(3, { verdict: 'human', lateBeep: true }),
    record(4, { detector: 'asterisk', verdict: 'human' }),
    record(4, { acted: false }),
  ]
  await insertDetections(pool, records)
  await insertDetections(pool, records)

  t.match(await evidence.of(plans[0]?.id ?? ''), {
    detections: [
      {
        ...{ detector: 'outpace', acted: true, verdict: 'machine', reason: 'long greeting', verdictMs: 2400, sample: false },
        ...{ confidence: 0.9, features: { words: 9 }, greetingEndedMs: 5000, beepOnsetMs: 5300, beepEndMs: 5700, beepHz: 1000 },
        ...{ tones: [{ kind: 'ringback', atMs: 100 }], media: { firstMs: 21, packets: 120, lost: 1, latestMs: 3.5 } },
      },
    ],
    audioUntil: new Date(clock.now() + day),
  })
  t.match(await evidence.of(plans[4]?.id ?? ''), {
    detections: [
      { detector: 'asterisk', acted: true, verdict: 'human', features: null },
      { detector: 'outpace', acted: false, verdict: 'machine' },
    ],
    audioUntil: null,
  })

  const says = (n: number, code: string) => pool.query('update attempts set result_code = $2 where id = $1', [plans[n]?.id, code])
  await says(1, 'promise_to_pay')
  await says(2, 'no_result')
  await says(3, 'answering_machine')
  await says(4, 'refusal')
  const stats = await readDetectionStats(pool, { campaignId: floor.id, at: clock.now() })
  t.same(stats.judged, { machines: 3, samples: 1, people: 1, humans: 2, judgedHumans: 2, machinesAmongHumans: 1 })
  t.match(stats.peopleTakenForMachines, { samples: 1, people: 1 })
  t.same(stats.shadow, [{ shadow: 'machine', takenFor: 'human', agentSaid: 'person', calls: 1 }])
  t.same(
    stats.verdicts.find(({ verdict, detector }) => verdict === 'human' && detector === 'outpace'),
    { detector: 'outpace', acted: true, verdict: 'human', calls: 1, lateBeeps: 1 },
  )
  const later = await readDetectionStats(pool, { campaignId: floor.id, at: clock.now() + 31 * day })
  t.same([later.verdicts, later.peopleTakenForMachines], [[], null], 'the window is 30 days')

  const wav = await evidence.audio(plans[0]?.id ?? '')
  t.equal(wav.toString('latin1', 0, 4), 'RIFF')
  t.same([...wav.subarray(-3)], [1, 2, 3])
  await t.rejects(evidence.audio(plans[1]?.id ?? ''), { code: 'not_found' })

  const kept = async () => (await pool.query('select 1 from detection_audio')).rowCount
  const looked = () => eventually(5000, 'the look for old recordings', async () => (clock.pending() > 0 ? true : undefined))
  evidence.start()
  await looked()
  t.equal(await kept(), 1)
  clock.advance(day)
  await t.rejects(evidence.audio(plans[0]?.id ?? ''), { code: 'not_found' }, 'past its date, deleted or not')
  await looked()
  t.equal(await kept(), 1, 'it looks by the hour')
  clock.advance(3_600_000)
  await looked()
  t.equal(await kept(), 0)
  evidence.stop()
  t.equal(clock.pending(), 0)
})
