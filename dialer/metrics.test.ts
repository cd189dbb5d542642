import t from 'tap'
import type { DetectionRecord } from './calls/detection-record.ts'
import { dispositions } from './calls/outcome.ts'
import { createMetrics } from './metrics.ts'

const campaign = '7f4c1c0e-8f0a-4a53-9a38-0d6a4a1b2c3d'

const verdict: DetectionRecord = {
  ...{ attemptId: campaign, campaignId: campaign, detector: 'outpace', acted: true, verdict: 'machine', reason: 'long' },
  ...{ at: 0, verdictMs: 1400, sample: false, lateBeep: false, audioUntil: 0 },
}

function setUp() {
  const state = { calls: [{ campaignId: campaign, state: 'ringing' }], switchUp: true }
  const metrics = createMetrics({
    calls: () => [...state.calls, ...state.calls],
    agents: () => [{ campaignId: campaign, phase: 'ready', count: 3 }],
    falsePositives: () => [{ campaignId: campaign, rate: 0.01, low: 0.002, high: 0.03 }],
    load: () => ({ loopDelayMs: 20, switchRoundTripMs: 575, journalPending: 7, rtpLoss: 0 }),
    switchUp: () => state.switchUp,
  })
  return { metrics, state }
}

t.test('what is counted and read comes out under its name', async (t) => {
  const { metrics, state } = setUp()
  metrics.ended(campaign, 'human_connected', 'connected')
  metrics.ended(campaign, 'busy')
  metrics.bridged(campaign, 30)
  metrics.verdict(verdict)
  metrics.lateBeep(campaign)
  const text = await metrics.text()
  for (const line of [
    `outpace_attempts_total{campaign="${campaign}",disposition="human_connected"} 1`,
    `outpace_attempts_total{campaign="${campaign}",disposition="busy"} 1`,
    `outpace_live_answers_total{campaign="${campaign}",outcome="connected"} 1`,
    `outpace_answer_to_bridge_seconds_bucket{le="0.05",campaign="${campaign}"} 1`,
    `outpace_answer_to_bridge_seconds_bucket{le="0.02",campaign="${campaign}"} 0`,
    `outpace_live_calls{campaign="${campaign}",state="ringing"} 2`,
    'outpace_switch_round_trip_seconds 0.575',
    'outpace_admitted_ratio 0.5',
    `outpace_agents{campaign="${campaign}",phase="ready"} 3`,
    `outpace_detections_total{campaign="${campaign}",detector="outpace",verdict="machine",acted="true",sample="false"} 1`,
    `outpace_detection_seconds_bucket{le="1.5",campaign="${campaign}",detector="outpace",verdict="machine"} 1`,
    `outpace_late_beeps_total{campaign="${campaign}"} 1`,
    `outpace_people_taken_for_machines{campaign="${campaign}",bound="high"} 0.03`,
    'outpace_journal_pending 7',
    'outpace_switch_up 1',
  ])
    t.ok(text.split('\n').includes(line), line)

  state.calls = []
  state.switchUp = false
  const later = await metrics.text()
  t.notMatch(later, /outpace_live_calls\{/, 'what is over is not shown any more')
  t.match(later, /^outpace_switch_up 0$/m)
})

t.test('labels are campaigns by id and words of closed lists: nothing of a person', async (t) => {
  const { metrics } = setUp()
  for (const disposition of dispositions) metrics.ended(campaign, disposition, 'abandoned')
  metrics.verdict(verdict)
  const own = (await metrics.text())
    .split('\n')
    .filter((line) => /^outpace_(attempts|live|answer|agents|journal|switch|detections|people)/.test(line))
    .flatMap((line) => [...line.matchAll(/(\w+)="([^"]*)"/g)].map(([, label, value]) => ({ label, value })))
  t.same(
    new Set(own.map(({ label }) => label)),
    new Set(['campaign', 'disposition', 'outcome', 'state', 'phase', 'detector', 'verdict', 'acted', 'sample', 'bound']),
  )
  for (const { label, value } of own)
    if (label === 'campaign') t.equal(value, campaign)
    else t.match(value, /^[a-z_]+$/)
})
