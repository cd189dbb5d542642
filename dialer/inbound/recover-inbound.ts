/**
 * After a start: calls to us that a former run left on the switch. A talk goes on with its agent, whoever waited in silence is
 * asked to call again, what is gone is closed. `find` before calls/recovery.ts puts the agents back, `adopt` after it; called
 * once by main.ts.
 */
import type { OpenSession } from '../agents/agent-store.ts'
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import type { Pool } from '../storage/database.ts'
import type { LiveBridge, Telephony } from '../telephony/telephony.ts'
import type { InboundFacts, InboundState, Verdict } from './inbound-call.ts'
import type { InboundEngine } from './inbound-engine.ts'
import { listOpenInboundCalls, type OpenInboundCall } from './inbound-store.ts'

const lastWordsMs = 30_000

export interface Whereabouts {
  alive: boolean
  /** The bridge he stands in. */
  bridge: LiveBridge | undefined
  /** The shift of the agent he talked with, if it is still open. */
  session: OpenSession | undefined
}

/** The state in which the machine goes on with a call. */
function stateAfterRestart(row: OpenInboundCall, { alive, bridge, session }: Whereabouts, at: number): InboundState {
  const facts: InboundFacts = {
    arrivedAt: row.arrivedAt.getTime(),
    ...(row.answeredAt && { answeredAt: row.answeredAt.getTime() }),
  }
  if (row.connectedAt && row.agentId) {
    const place = session?.session ?? { sessionId: '', channelId: '', bridgeId: '' }
    const { sessionId, channelId, bridgeId } = place
    const agent = { agentId: row.agentId, sessionId, channelId, bridgeId }
    const known: InboundFacts = { ...facts, connected: { agent, at: row.connectedAt.getTime() } }
    if (alive && session && bridge?.channelIds.includes(channelId)) return { name: 'talking', facts: known, agent }
    return leave(known, alive, { outcome: 'talked', reason: 'the talk ended while the engine was restarted' }, at)
  }
  return leave(facts, alive, { outcome: 'lost', reason: 'the engine was restarted while the caller waited' }, at)
}

function leave(facts: InboundFacts, alive: boolean, verdict: Verdict, at: number): InboundState {
  if (!alive) return { name: 'ending', facts, verdict, deadline: at }
  return { name: 'parting', facts, verdict, deadline: at + lastWordsMs }
}

export interface LeftOverCalls {
  /** Agent -> call, of the talks that go on. */
  talks: ReadonlyMap<string, string>
  claims(channelId: string): boolean
  adopt(): void
}

export interface RecoverInboundDeps {
  pool: Pool
  telephony: Telephony
  inbound: Pick<InboundEngine, 'adopt'>
  room: { openSessions(): Promise<OpenSession[]> }
  clock: Clock
  log: Log
  switchName: string
}

export async function findLeftOverCalls(deps: RecoverInboundDeps): Promise<LeftOverCalls> {
  const { pool, telephony, inbound, room, clock, log, switchName } = deps
  const rows = await listOpenInboundCalls(pool, switchName)
  const [{ channels, bridges }, sessions] = await Promise.all([telephony.live(), room.openSessions()])
  const alive = new Set(channels.map(({ channelId }) => channelId))
  const found = rows.map(({ id, channelId, ...row }) => {
    const bridge = bridges.find(({ channelIds }) => channelIds.includes(channelId))
    const session = sessions.find(({ agentId }) => agentId === row.agentId)
    const state = stateAfterRestart({ id, channelId, ...row }, { alive: alive.has(channelId), bridge, session }, clock.now())
    return { id, channelId, state }
  })
  const known = new Set(found.map(({ channelId }) => channelId))
  return {
    talks: new Map(found.flatMap(({ id, state }) => (state.name === 'talking' ? [[state.agent.agentId, id]] : []))),
    claims: (channelId) => known.has(channelId),
    adopt() {
      for (const call of found) inbound.adopt(call)
      if (found.length > 0) log.info({ adopted: found.length }, 'calls to us of a former run taken over')
    },
  }
}
