/**
 * Keeps what a switch reported and waits for what it will report, with a deadline. Used by the contract suite.
 */
import type { Telephony, TelephonyEvent } from '../../dialer/telephony/telephony.ts'

type Kind = TelephonyEvent['type']
type EventOf<K extends Kind> = Extract<TelephonyEvent, { type: K }>

export interface Observer {
  /** The first event of this type with these fields, past or to come; rejects at the deadline. */
  seen<K extends Kind>(type: K, fields?: Partial<EventOf<K>>, deadlineMs?: number): Promise<EventOf<K>>
  /** All so far. */
  all<K extends Kind>(type: K, fields?: Partial<EventOf<K>>): EventOf<K>[]
  /** Forgets what was seen: only what comes from now on counts. */
  clear(): void
}

export function observe(telephony: Telephony): Observer {
  const events: TelephonyEvent[] = []
  const waiting = new Set<() => void>()
  telephony.subscribe((event) => {
    events.push(event)
    for (const check of waiting) check()
  })
  function all<K extends Kind>(type: K, fields: Partial<EventOf<K>> = {}): EventOf<K>[] {
    const wanted = Object.entries({ ...fields, type })
    const fits = (event: TelephonyEvent): event is EventOf<K> => {
      const values = new Map<string, unknown>(Object.entries(event))
      return wanted.every(([field, value]) => values.get(field) === value)
    }
    return events.filter(fits)
  }
  return {
    all,
    clear: () => void events.splice(0),
    seen: (type, fields, deadlineMs = 5000) =>
      new Promise((resolve, reject) => {
        const check = () => {
          const found = all(type, fields)[0]
          if (found === undefined) return
          clearTimeout(deadline)
          waiting.delete(check)
          resolve(found)
        }
        const deadline = setTimeout(() => {
          waiting.delete(check)
          const seen = events.map((event) => JSON.stringify(event)).join('\n')
          reject(new Error(`no '${type}' ${JSON.stringify(fields ?? {})} within ${deadlineMs} ms; seen:\n${seen}`))
        }, deadlineMs)
        waiting.add(check)
        check()
      }),
  }
}
