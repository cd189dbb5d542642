/**
 * How many people does detection take for machines? Pure. Nobody hears the calls it hangs up on, so a share of them goes to
 * agents as samples, who say what it was; what they say of the samples is put on all calls taken for machines. The interval
 * is Wilson's at 95 %. Used by the statistics and, once there are enough samples, by the pacer in place of the supervisor's
 * own estimate.
 */
import type { CampaignSettings } from './settings.ts'

/** Of one campaign, over the last 30 days. */
export interface JudgedCalls {
  /** Calls taken for machines, samples included. */
  machines: number
  /** Samples of which an agent said what it was, and those that were people. */
  samples: number
  people: number
  /** Calls taken for people (unsure too); those of them an agent judged, and found to be machines. */
  humans: number
  judgedHumans: number
  machinesAmongHumans: number
}

export interface FalsePositives {
  /** Of all people who answered, the share (0..1) taken for machines; `low` and `high` bound it with 95 % confidence. */
  rate: number
  low: number
  high: number
  samples: number
  people: number
}

const z = 1.96
/** With fewer, the supervisor's estimate says more than the samples. */
const enoughSamples = 100

/** Wilson's interval of a share, k of n. */
export function wilson(k: number, n: number): { low: number; high: number } {
  if (n === 0) return { low: 0, high: 1 }
  const share = k / n
  const spread = z * Math.sqrt((share * (1 - share)) / n + z ** 2 / (4 * n ** 2))
  const whole = 1 + z ** 2 / n
  const centre = share + z ** 2 / (2 * n)
  return { low: Math.max(0, (centre - spread) / whole), high: Math.min(1, (centre + spread) / whole) }
}

/** Undefined while no sample was judged. */
export function falsePositives(judged: JudgedCalls): FalsePositives | undefined {
  const { machines, samples, people, humans, judgedHumans, machinesAmongHumans } = judged
  if (samples === 0) return undefined
  const heard = humans * (1 - (judgedHumans > 0 ? machinesAmongHumans / judgedHumans : 0))
  /** Share of people among those taken for machines -> share of the people who were. */
  const ofPeople = (share: number) => (share > 0 ? (share * machines) / (share * machines + heard) : 0)
  const { low, high } = wilson(people, samples)
  // Half a person is added (Krichevsky, Trofimov): a hundred samples without a person do not prove that there is none.
  const rate = ofPeople((people + 0.5) / (samples + 1))
  return { rate, low: ofPeople(low), high: ofPeople(high), samples, people }
}

/** The share to count into the abandonment rate: measured, or as the supervisor estimates it; none without detection. */
export const takenForMachines = (
  { detection, peopleTakenForMachines }: Pick<CampaignSettings, 'detection' | 'peopleTakenForMachines'>,
  measured: FalsePositives | undefined,
): number => {
  if (detection === 'off') return 0
  return measured && measured.samples >= enoughSamples ? measured.rate : peopleTakenForMachines
}
