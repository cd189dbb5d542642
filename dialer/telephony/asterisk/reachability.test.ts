import t from 'tap'
import { createReachability } from './reachability.ts'

t.test('a phone registers, dies and comes back; only changes are told', async (t) => {
  const phones = createReachability()
  t.equal(phones.contactChanged('ana', 'sip:a', 'NonQualified'), true)
  t.equal(phones.contactChanged('ana', 'sip:a', 'Reachable'), undefined)
  t.equal(phones.contactChanged('ana', 'sip:a', 'Unreachable'), false)
  t.equal(phones.contactChanged('ana', 'sip:a', 'Removed'), undefined)
  t.equal(phones.contactChanged('ana', 'sip:a', 'Reachable'), true)
  t.equal(phones.contactChanged('ana', 'sip:a', 'Unknown'), undefined)
  t.equal(phones.contactChanged('iva', 'sip:i', 'Unreachable'), false, 'told the first time')
})

t.test('a phone that moved to another address stays reachable', async (t) => {
  const phones = createReachability()
  phones.contactChanged('ana', 'sip:old', 'Reachable')
  t.equal(phones.contactChanged('ana', 'sip:new', 'NonQualified'), undefined)
  t.equal(phones.contactChanged('ana', 'sip:old', 'Removed'), undefined)
  t.equal(phones.contactChanged('ana', 'sip:new', 'Removed'), false)
})

t.test('what the switch says when asked', async (t) => {
  const phones = createReachability()
  t.equal(phones.found('ana'), true)
  t.equal(phones.found('ana'), false)
  t.equal(phones.contactChanged('ana', 'sip:a', 'Unreachable'), false)
  t.equal(phones.found('ana'), true)
  phones.forget('ana')
  t.equal(phones.found('ana'), true)
  phones.clear()
  t.equal(phones.found('ana'), true)
})
