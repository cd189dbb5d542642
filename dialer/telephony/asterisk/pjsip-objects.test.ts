import t from 'tap'
import type { TrunkConfig } from '../telephony.ts'
import { agentObjects, endpointOfChannel, trunkEndpoint, trunkObjects } from './pjsip-objects.ts'

const trunk: TrunkConfig = {
  ...{ id: 'main', host: '127.0.0.1', port: 5060, username: null, password: null },
  ...{ codecs: ['alaw', 'ulaw'], numberFormat: 'plus', sendAttemptId: false },
  ...{ presentation: 'both', fromUser: null, fromDomain: null },
}

t.test('a trunk without and with a user', async (t) => {
  const [aor, endpoint] = trunkObjects(trunk)
  t.match(aor, { kind: 'aor', id: '_trunk-main', attributes: { contact: 'sip:127.0.0.1:5060' } })
  t.match(endpoint, {
    kind: 'endpoint',
    id: '_trunk-main',
    attributes: { aors: '_trunk-main', outbound_auth: '', allow: '!all,alaw,ulaw' },
  })
  const withUser = trunkObjects({ ...trunk, username: 'us', password: 'secret' })
  t.strictSame(
    withUser.map((object) => object.kind),
    ['auth', 'aor', 'endpoint', 'identify'],
  )
  t.match(withUser[0]?.attributes, { username: 'us', password: 'secret' })
  t.match(withUser[2]?.attributes, { outbound_auth: '_trunk-main' })
})

t.test('the caller ID stands where the carrier looks for it, and From names the account where it does not', async (t) => {
  const attributes = (changes: Partial<TrunkConfig>) =>
    trunkObjects({ ...trunk, username: 'us', ...changes }).find(({ kind }) => kind === 'endpoint')?.attributes
  t.match(attributes({ presentation: 'both' }), { send_pai: 'yes', send_rpid: 'no', from_user: '', from_domain: '' })
  t.match(attributes({ presentation: 'from' }), { send_pai: 'no', send_rpid: 'no', from_user: '' })
  t.match(attributes({ presentation: 'p_asserted_identity' }), { send_pai: 'yes', send_rpid: 'no', from_user: 'us' })
  t.match(attributes({ presentation: 'remote_party_id', fromUser: 'line-1', fromDomain: 'sip.example' }), {
    ...{ send_pai: 'no', send_rpid: 'yes', from_user: 'line-1', from_domain: 'sip.example' },
  })
})

t.test('nobody becomes the carrier by its name in From, no agent shares its name', async (t) => {
  t.match(trunkObjects(trunk)[1]?.attributes, { identify_by: 'ip', context: 'inbound' })
  t.match(trunkObjects(trunk)[2], { kind: 'identify', attributes: { endpoint: '_trunk-main', match: '127.0.0.1:5060' } })
  t.notMatch(trunkEndpoint('main'), /^[a-z0-9]/)
})

t.test("an agent's account: digest, one phone at a time, dead phones noticed", async (t) => {
  const objects = agentObjects(
    { account: 'ana', digest: 'd41d8cd98f00b204e9800998ecf8427e' },
    { qualifySeconds: 15, rtpTimeoutSeconds: 30 },
  )
  t.match(objects, [
    { kind: 'auth', id: 'ana', attributes: { realm: 'outpace', md5_cred: 'd41d8cd98f00b204e9800998ecf8427e' } },
    { kind: 'aor', id: 'ana', attributes: { max_contacts: '1', remove_existing: 'yes', qualify_frequency: '15' } },
    { kind: 'endpoint', id: 'ana', attributes: { auth: 'ana', aors: 'ana', context: 'agents', rtp_timeout: '30' } },
  ])
})

t.test('whose channel it is', async (t) => {
  t.equal(endpointOfChannel('PJSIP/_trunk-main-carrier-0000001f'), 'main-carrier')
  t.equal(endpointOfChannel('PJSIP/ana.b-c-000000ff'), 'ana.b-c')
  t.equal(endpointOfChannel('UnicastRTP/127.0.0.1:5000-0x7f'), undefined)
})
