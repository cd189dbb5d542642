/** Agents on SIPp phones for an engine: accounts over the API, phones that register, log-in. Used by the demo and the benchmarks. */
import type { Api } from './engine-process.ts'
import { type Agents, type AgentsOptions, startAgents } from './world.ts'

export interface Hiring extends Omit<AgentsOptions, 'accounts' | 'registrar'> {
  campaignId: string
  count: number
  /** Where the switch takes registrations. */
  sipHost?: string
  sipPort: number
  /** Before the number of the agent, where a system knows others already. */
  accountPrefix?: string
}

let hired = 0

/** Resolves when each is logged in: called by the engine, or dialed in by himself. */
export async function hireAgents(
  engine: Api,
  { campaignId, count, sipHost = '127.0.0.1', sipPort, accountPrefix = 'agent', ...phones }: Hiring,
): Promise<Agents> {
  const accounts: { id: string; account: string; password: string }[] = []
  for (let n = 0; n < count; n++) {
    const account = `${accountPrefix}${++hired}`
    const made = await engine.post<{ id: string; password: string }>('/v1/agents', { account, name: account, campaignId })
    accounts.push({ id: made.id, account, password: made.password })
  }
  const agents = await startAgents({ ...phones, accounts, registrar: { host: sipHost, port: sipPort } })
  if (phones.mode === 'wait_for_call') for (const { id } of accounts) await engine.post(`/v1/agents/${id}/log-in`)
  return agents
}
