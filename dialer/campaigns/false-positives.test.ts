import fc from 'fast-check'
import t from 'tap'
import { falsePositives, type JudgedCalls, takenForMachines, wilson } from './false-positives.ts'

const none: JudgedCalls = { machines: 0, samples: 0, people: 0, humans: 0, judgedHumans: 0, machinesAmongHumans: 0 }

t.test("Wilson's interval", async (t) => {
  const { low, high } = wilson(3, 100)
  t.equal(low.toFixed(4), '0.0103')
  t.equal(high.toFixed(4), '0.0845')
  t.same(wilson(0, 0), { low: 0, high: 1 })
})

t.test('what samples show is put on all calls taken for machines', async (t) => {
  // 200 samples of 1,000 machines, 4 were people: about 20 people in all, beside 980 who were heard.
  const judged = { ...none, machines: 1000, samples: 200, people: 4, humans: 980 }
  const measured = falsePositives(judged)
  t.equal(measured?.rate.toFixed(4), '0.0223')
  t.ok(measured && measured.low < 0.02 && measured.high > 0.02)
  const half = falsePositives({ ...judged, judgedHumans: 100, machinesAmongHumans: 50 })
  t.equal(half?.rate.toFixed(3), '0.044', 'half of those taken for people were machines: fewer people were heard')
  t.equal(falsePositives({ ...none, machines: 50 }), undefined, 'no sample, no figure')
})

t.test("the measure takes the place of the supervisor's estimate once a hundred samples were judged", async (t) => {
  const settings = { detection: 'outpace', peopleTakenForMachines: 0.02 } as const
  const measured = (samples: number) => falsePositives({ ...none, machines: 10_000, samples, humans: 10_000 })
  t.equal(takenForMachines(settings, undefined), 0.02)
  t.equal(takenForMachines(settings, measured(99)), 0.02)
  t.equal(takenForMachines(settings, measured(100))?.toFixed(4), '0.0049', 'never nothing')
  t.equal(takenForMachines({ ...settings, detection: 'off' }, measured(100)), 0)
})

t.test('a share between its bounds, whatever was counted (seed 20261122)', async () => {
  fc.assert(
    fc.property(fc.nat(1000), fc.nat(1000), fc.nat(9000), fc.nat(9000), (people, machinesFound, more, humans) => {
      const samples = people + machinesFound
      const measured = falsePositives({ ...none, machines: samples + more, samples, people, humans })
      if (samples === 0) return measured === undefined
      return (
        measured !== undefined &&
        measured.low >= 0 &&
        measured.low <= measured.rate &&
        measured.rate <= measured.high &&
        measured.high <= 1
      )
    }),
    { seed: 20261122 },
  )
})
