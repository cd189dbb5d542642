/**
 * What Prometheus reads; the only file that knows prom-client. No personal data in labels: campaigns by id, causes by their
 * closed lists. Fed by main.ts from the signals of the engine, the runner and the agents.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { DetectionRecord } from './calls/detection-record.ts'
import type { Disposition } from './calls/outcome.ts'
import { admission, type Load } from './campaigns/admission.ts'

/** What is read at the moment of the scrape. */
export interface Readings {
  calls(): { campaignId: string; state: string }[]
  agents(): { campaignId: string; phase: string; count: number }[]
  falsePositives(): { campaignId: string; rate: number; low: number; high: number }[]
  load(): Load
  switchUp(): boolean
}

export function createMetrics(readings: Readings) {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry, prefix: 'outpace_' })

  const attempts = new Counter({
    name: 'outpace_attempts_total',
    help: 'Attempts that ended, by disposition',
    labelNames: ['campaign', 'disposition'],
    registers,
  })
  const answered = new Counter({
    name: 'outpace_live_answers_total',
    help: 'Answers that the abandonment rate counts: connected or abandoned',
    labelNames: ['campaign', 'outcome'],
    registers,
  })
  const bridged = new Histogram({
    name: 'outpace_answer_to_bridge_seconds',
    help: 'From the answer (or the end of detection) to the agent on the line',
    labelNames: ['campaign'],
    buckets: [0.005, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.5, 1, 2],
    registers,
  })

  const verdicts = new Counter({
    name: 'outpace_detections_total',
    help: 'Verdicts on answered calls; acted="false": given in shadow',
    labelNames: ['campaign', 'detector', 'verdict', 'acted', 'sample'],
    registers,
  })
  const verdictTime = new Histogram({
    name: 'outpace_detection_seconds',
    help: 'From the answer to the verdict',
    labelNames: ['campaign', 'detector', 'verdict'],
    buckets: [0.5, 1, 1.5, 2, 2.5, 3, 4, 5, 6, 7],
    registers,
  })
  const lateBeeps = new Counter({
    name: 'outpace_late_beeps_total',
    help: 'Machines that an agent had on the line when their beep came',
    labelNames: ['campaign'],
    registers,
  })

  new Gauge({
    name: 'outpace_people_taken_for_machines',
    help: 'Share of people that detection takes for machines, by samples that agents judged; bound: rate, low, high (95 %)',
    labelNames: ['campaign', 'bound'],
    registers,
    collect() {
      this.reset()
      for (const { campaignId, rate, low, high } of readings.falsePositives())
        for (const [bound, share] of Object.entries({ rate, low, high })) this.set({ campaign: campaignId, bound }, share)
    },
  })
  new Gauge({
    name: 'outpace_live_calls',
    help: 'Calls in flight, by state',
    labelNames: ['campaign', 'state'],
    registers,
    collect() {
      this.reset()
      for (const { campaignId, state } of readings.calls()) this.inc({ campaign: campaignId, state })
    },
  })
  new Gauge({
    name: 'outpace_agents',
    help: 'Agents on shift, by phase',
    labelNames: ['campaign', 'phase'],
    registers,
    collect() {
      this.reset()
      for (const { campaignId, phase, count } of readings.agents()) this.set({ campaign: campaignId, phase }, count)
    },
  })
  new Gauge({
    name: 'outpace_journal_pending',
    help: 'Records of calls that wait for the database',
    registers,
    collect() {
      this.set(readings.load().journalPending)
    },
  })
  new Gauge({
    name: 'outpace_switch_round_trip_seconds',
    help: 'How long the switch took to answer a request, 90th percentile of the last second',
    registers,
    collect() {
      this.set(readings.load().switchRoundTripMs / 1000)
    },
  })
  new Gauge({
    name: 'outpace_loop_delay_seconds',
    help: 'How late the engine came to its work, 95th percentile of the last second',
    registers,
    collect() {
      this.set(readings.load().loopDelayMs / 1000)
    },
  })
  new Gauge({
    name: 'outpace_rtp_loss_ratio',
    help: 'Share of audio packets from callees that were lost, in the talks looked at last',
    registers,
    collect() {
      this.set(readings.load().rtpLoss)
    },
  })
  new Gauge({
    name: 'outpace_admitted_ratio',
    help: 'Share of the calls asked for by the pacers that admission control lets through',
    registers,
    collect() {
      this.set(admission(readings.load()).share)
    },
  })
  new Gauge({
    name: 'outpace_switch_up',
    help: '1 while the switch is connected',
    registers,
    collect() {
      this.set(readings.switchUp() ? 1 : 0)
    },
  })

  return {
    text: () => registry.metrics(),
    ended(campaignId: string, disposition: Disposition, ledger?: 'connected' | 'abandoned'): void {
      attempts.inc({ campaign: campaignId, disposition })
      if (ledger) answered.inc({ campaign: campaignId, outcome: ledger })
    },
    verdict({ campaignId: campaign, detector, verdict, acted, sample, verdictMs }: DetectionRecord): void {
      verdicts.inc({ campaign, detector, verdict, acted: String(acted), sample: String(sample) })
      verdictTime.observe({ campaign, detector, verdict }, verdictMs / 1000)
    },
    lateBeep: (campaign: string): void => lateBeeps.inc({ campaign }),
    bridged(campaignId: string, waitedMs: number): void {
      bridged.observe({ campaign: campaignId }, waitedMs / 1000)
    },
  }
}
