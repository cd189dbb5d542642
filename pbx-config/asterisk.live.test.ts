/**
 * The rendered configuration on a real Asterisk: who may come in, where he may go, what detection answers.
 * Speaks to ARI directly: what the engine makes of it is proven in test/contract/.
 */
import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import WebSocket from 'ws'
import { createPhone } from '../load-tests/phone.ts'
import { withAsterisk } from '../test/support/asterisk.ts'
import { runningPid, startAsterisk } from './asterisk-process.ts'

const asterisk = await withAsterisk(t)
const { origin, username, password } = new URL(asterisk.ariUrl)
const registrar = { host: asterisk.sipHost, port: asterisk.sipPort }

const ari = (method: string, path: string, body?: object, secret = password) =>
  fetch(`${origin}/ari/${path}`, {
    method,
    headers: {
      authorization: `Basic ${Buffer.from(`${username}:${secret}`).toString('base64')}`,
      'content-type': 'application/json',
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  })

async function push(kind: 'auth' | 'aor' | 'endpoint', id: string, attributes: Record<string, string>) {
  const fields = Object.entries(attributes).map(([attribute, value]) => ({ attribute, value }))
  const response = await ari('PUT', `asterisk/config/dynamic/res_pjsip/${kind}/${id}`, { fields })
  if (!response.ok) throw new Error(`${kind} ${id}: ${response.status} ${await response.text()}`)
}

const digest = createHash('md5').update('agent7:outpace:right').digest('hex')
await push('auth', 'agent7', { auth_type: 'md5', username: 'agent7', realm: 'outpace', md5_cred: digest })
await push('aor', 'agent7', { max_contacts: '1' })
await push('endpoint', 'agent7', {
  context: 'agents',
  auth: 'agent7',
  aors: 'agent7',
  allow: '!all,alaw',
  identify_by: 'username',
})

async function phone(account: string, secret: string) {
  const made = await createPhone({ port: 0, account, password: secret, registrar })
  t.teardown(() => made.close())
  return made
}

interface StasisEvent {
  type: string
  args?: string[]
  channel?: { id: string }
  playback?: { media_uri: string; state: string }
}

/** Events of the application `outpace`, as they come. */
async function events() {
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/ari/events?app=outpace&api_key=${username}:${password}`)
  await new Promise((opened, failed) => socket.once('open', opened).once('error', failed))
  t.teardown(() => socket.terminate())
  return (wanted: (event: StasisEvent) => boolean, deadlineMs = 15_000) =>
    new Promise<StasisEvent>((found, failed) => {
      const timer = setTimeout(() => failed(new Error('the event did not come')), deadlineMs)
      socket.on('message', function look(data) {
        const event: StasisEvent = JSON.parse(String(data))
        if (!wanted(event)) return
        clearTimeout(timer)
        socket.off('message', look)
        found(event)
      })
    })
}
const next = await events()

t.test('ARI answers to the secret only', async (t) => {
  t.equal((await ari('GET', 'asterisk/info')).status, 200)
  t.equal((await ari('GET', 'asterisk/info', undefined, 'guessed')).status, 401)
  for (const secret of ['ari-secret', 'etc/ari.conf']) {
    t.equal(statSync(join(asterisk.settings.directory, secret)).mode & 0o777, 0o600, secret)
  }
})

t.test('an account registers without a restart; a wrong password and an unknown account do not', async (t) => {
  await (await phone('agent7', 'right')).register()
  await t.rejects((await phone('agent7', 'wrong')).register(), /401/)
  await t.rejects((await phone('nobody', 'right')).register(), /401/)
})

t.test('an agent reaches the engine by a service code, and nothing else', async (t) => {
  const agent = await phone('agent7', 'right')
  const dialed = next((event) => event.type === 'StasisStart')
  const call = await agent.call('*10')
  const start = await dialed
  t.same(start.args, ['dialed-in', 'agent7', '*10'])
  call.hangUp()
  await call.until('ended')
  for (const number of ['4930123456', '+4930123456', '*123', 's', 'agent7']) {
    const refused = await agent.call(number)
    await refused.until('ended')
    t.equal(refused.status(), 404, number)
  }
})

t.test('who is not known is not let in, whatever name he gives', async (t) => {
  for (const name of ['nobody', 'anonymous', '_trunk-main']) {
    const stranger = await phone(name, 'right')
    const call = await stranger.call('*10')
    await call.until('ended')
    t.equal(call.status(), 401, name)
  }
})

t.test('a call goes out with its header, and detection comes back into the engine', async (t) => {
  const callee = await createPhone({ port: 0, account: 'callee' })
  t.teardown(() => callee.close())
  await push('aor', 'carrier', { contact: `sip:127.0.0.1:${callee.port}` })
  await push('endpoint', 'carrier', { context: 'inbound', aors: 'carrier', allow: '!all,alaw', identify_by: 'ip' })
  const answered = next((event) => event.type === 'StasisStart' && event.channel?.id === 'attempt-1')
  const originate = await ari('POST', 'channels/attempt-1', {
    endpoint: 'PJSIP/+49301234567@carrier',
    app: 'outpace',
    callerId: '+49309999999',
    variables: { 'PJSIP_HEADER(add,X-Outpace-Attempt)': 'attempt-1' },
  })
  t.equal(originate.status, 200)
  const call = await callee.called()
  t.equal(call.inviteHeader('X-Outpace-Attempt'), 'attempt-1')
  t.equal(call.called, '+49301234567')
  call.answer()
  await answered

  const detected = next((event) => event.type === 'StasisStart' && event.args?.[0] === 'detected')
  const asked = await ari('POST', 'channels/attempt-1/continue', { context: 'detect', extension: 's', priority: 1 })
  t.equal(asked.status, 204)
  const verdict = await detected
  t.equal(verdict.channel?.id, 'attempt-1')
  // Nobody says a word, which Asterisk takes for a machine.
  t.same(verdict.args?.slice(0, 2), ['detected', 'MACHINE'])
  t.match(verdict.args?.[2], /^INITIALSILENCE/)

  const outcomeOf = async (media: string) => {
    const fromMs = media.endsWith('abandoned') ? 10_000 : 0
    const over = next((event) => event.type === 'PlaybackFinished' && event.playback?.media_uri === media)
    await ari('POST', `channels/attempt-1/play?media=${media}&offsetms=${fromMs}`)
    return (await over).playback?.state
  }
  const sounds = ['sound:outpace/call', 'sound:outpace/ready', 'sound:outpace/abandoned', 'sound:outpace/missing']
  const outcomes = []
  for (const sound of sounds) outcomes.push(await outcomeOf(sound))
  t.same(outcomes, ['done', 'done', 'done', 'failed'])
  await ari('DELETE', 'channels/attempt-1')
  await call.until('ended')
})

t.test('it outlives who started it: the next start adopts it, and one after a crash makes a new one', async (t) => {
  const before = runningPid(asterisk.settings)
  const again = await startAsterisk(asterisk.settings)
  t.same([again.pid, again.adopted], [before, true])
  await asterisk.kill()
  t.equal(runningPid(asterisk.settings), undefined)
  const anew = await startAsterisk(asterisk.settings)
  t.equal(anew.adopted, false)
  t.equal(anew.ariUrl, asterisk.ariUrl, 'with the same secret')
  t.not(anew.pid, before)
})

t.test('other settings replace what runs', async (t) => {
  const before = runningPid(asterisk.settings)
  const changed = await startAsterisk({ ...asterisk.settings, rtpLastPort: asterisk.settings.rtpLastPort - 1 })
  t.equal(changed.adopted, false)
  t.not(changed.pid, before)
  await startAsterisk(asterisk.settings)
  const rtp = readFileSync(join(asterisk.settings.directory, 'etc/rtp.conf'), 'utf8')
  t.match(rtp, `rtpend = ${asterisk.settings.rtpLastPort}`)
})
