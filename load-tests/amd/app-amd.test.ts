/** The port of app_amd on levels made here: what its settings say, it does. */
import t from 'tap'
import { amdDefaults, appAmd, type PacketLevel } from './app-amd.ts'

/** Voice (1000) and quiet (0) in turns, in ms, beginning with quiet. */
function levels(...turnsMs: number[]): PacketLevel[] {
  const packets: PacketLevel[] = []
  for (const [turn, ms] of turnsMs.entries())
    for (let at = 0; at < ms; at += 20)
      packets.push({ atMs: packets.length * 20, lengthMs: 20, level: turn % 2 === 0 ? 0 : 1000 })
  return packets
}

t.test('what each kind of answer gets', async (t) => {
  t.match(appAmd(levels(300, 600, 2000)), { status: 'HUMAN', atMs: 1700 })
  t.match(appAmd(levels(300, 4000)), { status: 'MACHINE', cause: 'LONGGREETING', atMs: 1800 })
  t.match(appAmd(levels(3000)), { status: 'MACHINE', cause: 'INITIALSILENCE', atMs: 2500 })
  t.match(appAmd(levels(200, 200, 200, 200, 200, 200, 200)), { status: 'MACHINE', cause: 'MAXWORDS' })
  t.match(appAmd(levels(200, 60, 3000)), { status: 'MACHINE', cause: 'INITIALSILENCE' }, 'a click is no word')
  t.match(appAmd(levels(1000, 4000), { ...amdDefaults, totalMs: 1500 }), { status: 'NOTSURE', cause: 'TOOLONG', atMs: 1500 })
})

t.test('audio that stops coming is silence, in steps of 100 ms', async (t) => {
  t.match(appAmd(levels(300, 600)), { status: 'HUMAN', atMs: 1700 })
  t.match(appAmd([]), { status: 'MACHINE', cause: 'INITIALSILENCE', atMs: 2500 })
})

t.test('a lost packet is not noticed', async (t) => {
  const whole = levels(300, 600, 2000)
  t.match(appAmd(whole.filter((_, n) => n !== 20)), { status: 'HUMAN' })
})
