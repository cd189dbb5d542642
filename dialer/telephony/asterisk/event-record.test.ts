import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { readRecord, readRecordFile } from './event-record.ts'

const at = 1_795_368_547_000
const line = (seconds: number, type: string, channel: string, extra = '') =>
  `${(at / 1000 + seconds).toFixed(3)}|${type}|${channel}|${extra}\n`
const entered = (bridge: string) => `{"bridge_id":"${bridge}","bridge_technology":"softmix"}`

t.test('answer, bridge and end of a channel', async (t) => {
  const text =
    line(0, 'ANSWER', 'a') +
    line(0.25, 'BRIDGE_ENTER', 'a', entered('agent-1')) +
    line(4, 'BRIDGE_ENTER', 'a', entered('agent-2')) +
    line(9.5, 'HANGUP', 'a', '{"hangupcause":16,"hangupsource":"PJSIP/_trunk-x","dialstatus":""}') +
    line(3, 'HANGUP', 'b', '{"hangupcause":17,"hangupsource":"","dialstatus":""}')
  t.strictSame(Object.fromEntries(readRecord(text, at)), {
    a: { answeredAt: at, bridged: { bridgeId: 'agent-2', at: at + 4000 }, ended: { at: at + 9500, cause: 16 } },
    b: { ended: { at: at + 3000, cause: 17 } },
  })
})

t.test('what is older, of another kind or broken off is passed over', async (t) => {
  const text = `${line(-900, 'HANGUP', 'old')}garbage\n|||\n${line(1, 'CHAN_START', 'new')}1795368549.2|HANG`
  t.strictSame(Object.fromEntries(readRecord(text, at)), { new: {} })
})

t.test('a machine whose clock was set back: the times are ours', async (t) => {
  t.strictSame(Object.fromEntries(readRecord(line(1, 'ANSWER', 'a'), at, 3_600_000)), { a: { answeredAt: at + 3_601_000 } })
})

t.test('a file, the one put aside before it, and none at all', async (t) => {
  const path = join(mkdtempSync(join(tmpdir(), 'outpace-record-')), 'calls.csv')
  t.strictSame(await readRecordFile(path, at), new Map())
  writeFileSync(`${path}.before`, line(1, 'ANSWER', 'a'))
  writeFileSync(path, line(2, 'HANGUP', 'a', '{"hangupcause":16}'))
  t.strictSame(Object.fromEntries(await readRecordFile(path, at)), {
    a: { answeredAt: at + 1000, ended: { at: at + 2000, cause: 16 } },
  })
})
