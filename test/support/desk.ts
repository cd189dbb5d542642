/**
 * An agent's desk as a program sees it: the event stream of the API, kept in order, and waited for with a deadline.
 * Reads server-sent events by hand (Node 20 has no EventSource, and it could not send the key).
 */
import { get, type IncomingMessage } from 'node:http'
import type { DeskEvent } from '../../dialer/agents/desk-event.ts'
import { within } from '../../load-tests/deadline.ts'
import type { EngineProcess } from '../../load-tests/engine-process.ts'

type Kind = DeskEvent['type']
type EventOf<K extends Kind> = Extract<DeskEvent, { type: K }>
export interface SeenEvent<E extends DeskEvent = DeskEvent> {
  id: string | undefined
  /** When it came over the wire. */
  seenAt: number
  event: E
}

export interface Desk {
  /** Every event so far, in the order in which they came. */
  seen: SeenEvent[]
  /** The first event of this type that fits, past or to come. */
  until<K extends Kind>(type: K, fits?: (event: EventOf<K>) => boolean, deadlineMs?: number): Promise<SeenEvent<EventOf<K>>>
  close(): void
}

/** Resolves when the stream is open and has told how things stand. */
export async function openDesk(engine: Pick<EngineProcess, 'url' | 'key'>, agentId: string, lastId?: string): Promise<Desk> {
  const headers = { authorization: `Bearer ${engine.key}`, ...(lastId !== undefined && { 'last-event-id': lastId }) }
  // Not fetch: broken off, it opens another connection at once and never uses it.
  const asked = get(`${engine.url}/v1/agents/${agentId}/events`, { headers, agent: false })
  const answer = await new Promise<IncomingMessage>((resolve, reject) => asked.once('response', resolve).once('error', reject))
  if (answer.statusCode !== 200) {
    answer.destroy()
    throw new Error(`the event stream was refused: ${answer.statusCode}`)
  }
  const seen: SeenEvent[] = []
  const checks = new Set<() => void>()

  async function read() {
    let text = ''
    for await (const piece of answer.setEncoding('utf8')) {
      text += piece
      const blocks = text.split('\n\n')
      text = blocks.pop() ?? ''
      for (const block of blocks) {
        const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1]
        const data = field('data')
        if (data !== undefined) seen.push({ id: field('id'), seenAt: Date.now(), event: JSON.parse(data) })
      }
      for (const check of [...checks]) check()
    }
  }
  // Closing the desk breaks the reading off.
  read().catch(() => {})

  const desk: Desk = {
    seen,
    until<K extends Kind>(type: K, fits: (event: EventOf<K>) => boolean = () => true, deadlineMs = 5000) {
      const isIt = (one: SeenEvent): one is SeenEvent<EventOf<K>> => one.event.type === type
      const found = new Promise<SeenEvent<EventOf<K>>>((resolve) => {
        const check = () => {
          const one = seen.filter(isIt).find(({ event }) => fits(event))
          if (!one) return
          checks.delete(check)
          resolve(one)
        }
        checks.add(check)
        check()
      })
      return within(deadlineMs, `the event ${type}; seen: ${seen.map(({ event }) => event.type).join(' ')}`, found)
    },
    close: () => void asked.destroy(),
  }
  if (lastId === undefined) await desk.until('phase')
  return desk
}
