/** Lines that say whom not to call: what is understood, what is refused with its field, and what an import fills in. */
import { Readable } from 'node:stream'
import t from 'tap'
import { readCsvSuppressions, readSuppression, suppressionDefaultsSchema } from './suppression-line.ts'

const defaults = suppressionDefaultsSchema.parse({ list: 'robinson', country: 'PL', reason: 'on the list' })

t.test('a phone or a person', async (t) => {
  t.same(readSuppression(1, { phone: '500 600 700' }, defaults), {
    ...{ line: 1, list: 'robinson', kind: 'do_not_call', creditor: null, until: null, reason: 'on the list' },
    ...{ number: '+48500600700', contactId: null, externalId: null },
  })
  const line = { contact: 'K-7', kind: 'legal_hold', creditor: 'Bank A', until: '2026-03-31', reason: 'court order' }
  t.match(readSuppression(1, line, defaults), {
    ...{ number: null, externalId: 'K-7', kind: 'legal_hold', creditor: 'Bank A', reason: 'court order' },
    until: new Date('2026-04-01T12:00:00Z'),
  })
  const until = '2026-03-31T18:00:00+02:00'
  t.match(readSuppression(1, { contact: 'K', until }, defaults), { until: new Date('2026-03-31T16:00:00Z') })
})

t.test('what does not fit is refused with its field', async (t) => {
  const refused = (value: unknown, given = defaults) => readSuppression(3, value, given)
  t.match(refused({ phone: '1', contact: 'K' }), { line: 3, field: 'phone', code: 'unreadable', reason: /either/ })
  t.match(refused({}), { field: 'phone' })
  t.match(refused('x'), { field: '' })
  t.match(refused({ contact: 'K', kind: 'holiday' }), { field: 'kind' })
  t.match(refused({ contact: 'K', until: 'soon' }), { field: 'until' })
  t.match(refused({ phone: 'no phone' }), { field: 'phone', code: 'phone_unreadable' })
  const bare = suppressionDefaultsSchema.parse({})
  t.match(refused({ phone: '500600700', reason: 'x' }, bare), { code: 'phone_unreadable', reason: /\+48/ })
  t.match(refused({ phone: '0048500600700', reason: 'x' }, bare), { number: '+48500600700', list: 'internal' })
  t.match(refused({ contact: 'K' }, bare), { field: 'reason' })
})

t.test('as CSV', async (t) => {
  const read = async (text: string) => {
    const lines: unknown[] = []
    for await (const line of readCsvSuppressions(Readable.from([Buffer.from(text)]), defaults)) lines.push(line)
    return lines
  }
  t.match(await read('Phone;creditor;other\n500600700;Bank A;1\n;;\n"broken;x;y\n500600701;;\n'), [
    { line: 2, number: '+48500600700', creditor: 'Bank A' },
    { line: 3, field: 'phone' },
    { line: 4, code: 'quotes', field: '' },
    { line: 5, number: '+48500600701', creditor: null },
  ])
  await t.rejects(read('name;reason\nx;y\n'), { code: 'import_failed', message: /phone or contact or external_id/ })
  await t.rejects(read(''), { message: /the file is empty/ })
})
