import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { createLog } from './log.ts'

t.test('personal data leaves as [redacted], at any depth; the rest is readable', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'outpace-log-'))
  t.teardown(() => rm(folder, { recursive: true }))
  const file = join(folder, 'log')
  const log = createLog('info', file)
  const secret = {
    ...{ number: '+48601000001', callerNumber: '+48220000001', name: 'Jan Kowalski', company: 'Kowalski sp. z o.o.' },
    ...{ taxId: '5260001246', address: 'ul. Zmyślona 1', responsiblePerson: 'Anna Nowak', balance: 123_456 },
    ...{ password: 'hunter2', digest: '0123456789abcdef', key: 'opk_secret' },
  }
  log.info(secret, 'flat')
  log.info({ contact: secret, attemptId: 'x' }, 'nested')
  log.info({ lists: [{ of: { contacts: [secret] } }] }, 'deep')
  log.debug({ attemptId: 'y' }, 'below the level')
  await new Promise<void>((flushed, failed) => log.flush((error) => (error ? failed(error) : flushed())))

  const text = await readFile(file, 'utf8')
  for (const value of Object.values(secret)) t.notOk(text.includes(String(value)), `${value} is not in the log`)
  const lines = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  t.match(lines, [
    { level: 'info', msg: 'flat', number: '[redacted]', key: '[redacted]' },
    { msg: 'nested', attemptId: 'x', contact: { name: '[redacted]', balance: '[redacted]' } },
  ])
  t.equal(lines.length, 3)
  t.match(lines[0].time, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
})
