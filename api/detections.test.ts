/** Verdicts and their evidence over the API: what is shown, who may hear a person's voice, and that the audit knows who did. */
import { randomUUID } from 'node:crypto'
import t from 'tap'
import { insertAttempts } from '../dialer/calls/call-store.ts'
import { insertDetections } from '../dialer/calls/detection-store.ts'
import { prepareFloor, standpoint } from '../dialer/calls/floor-under-test.ts'
import { createApiUnderTest } from './api-under-test.ts'

const { pool, clock, request, supervisor, logged } = await createApiUnderTest(t)
const floor = await prepareFloor(pool, clock)
await floor.enlist(1)
const plans = await Promise.all((await floor.claim()).map(floor.plan))
await insertAttempts(pool, plans, standpoint)
const attemptId = plans[0]?.id ?? ''
await insertDetections(pool, [
  {
    ...{ attemptId, campaignId: floor.id, detector: 'outpace', acted: true, verdict: 'machine', reason: 'long greeting' },
    ...{ at: clock.now(), verdictMs: 2400, sample: true, lateBeep: false, audioUntil: clock.now() + 1000 },
    heard: { tones: [], media: { firstMs: 20, packets: 1, lost: 0, latestMs: 1 }, audio: new Uint8Array([0xd5, 0x55]) },
  },
])
const keyOf = async (role: string) => String((await request(supervisor, 'POST', '/v1/api-keys', { name: role, role })).body.key)
const operator = await keyOf('operator')
const path = `/v1/attempts/${attemptId}`

t.test("the evidence is the operator's too, the voice the supervisor's alone, and the audit knows of it", async (t) => {
  t.match(await request(operator, 'GET', `${path}/detection`), {
    status: 200,
    body: { attemptId, detections: [{ verdict: 'machine', sample: true, media: { packets: 1 } }], audioUntil: /^20/ },
  })
  t.match(await request(operator, 'GET', `${path}/audio`), { status: 403 })
  t.match(await request(undefined, 'GET', `${path}/audio`), { status: 401 })
  const audio = await request(supervisor, 'GET', `${path}/audio`)
  t.match(audio, { status: 200, headers: { 'content-type': 'audio/wav' } })
  t.match(audio.text, /^RIFF/)
  const { body } = await request(supervisor, 'GET', `/v1/audit?subject=attempt:${attemptId}`)
  t.match(body, { entries: [{ action: 'attempt.listen' }] })
  t.equal(body.entries.length, 1, 'only who heard it')
  t.notMatch(logged(), plans[0]?.phone.number ?? 'no number')
})

t.test('nothing there: 404; past its date the audio is gone at once', async (t) => {
  t.match(await request(operator, 'GET', `/v1/attempts/${randomUUID()}/detection`), { status: 404, body: { code: 'not_found' } })
  t.match(await request(operator, 'GET', '/v1/attempts/7/detection'), { status: 400 })
  clock.advance(1000)
  t.match(await request(supervisor, 'GET', `${path}/audio`), { status: 404 })
  t.match(await request(operator, 'GET', `${path}/detection`), { body: { audioUntil: null } })
})
