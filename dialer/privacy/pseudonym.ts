/**
 * The keyed hash that stands in for a number, an external id or a debt's id of an erased person. The key comes from outside the
 * database: with it the same text is found again, without it nobody can try out all phone numbers. Pure.
 */
import { createHmac } from 'node:crypto'

export type Hidden = 'number' | 'external_id' | 'debt'

export interface Pseudonyms {
  /** `#` and 43 letters; the same text gives another hash in another place. */
  of(what: Hidden, text: string): string
  /** Says which key this is, and nothing else. */
  fingerprint: string
}

export function createPseudonyms(key: string): Pseudonyms {
  const hash = (text: string) => createHmac('sha256', key).update(text).digest('base64url')
  return { of: (what, text) => `#${hash(`${what} ${text}`)}`, fingerprint: hash('fingerprint') }
}
