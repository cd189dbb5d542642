/**
 * API keys as data: what one looks like, how it is kept, who may do what. Pure but for `newKey`, which draws 256 random bits;
 * with so many, the plain SHA-256 of a key says nothing about it. Called by api-keys.ts.
 */
import { createHash, randomBytes } from 'node:crypto'

/**
 * supervisor: everything. operator: campaigns, lists, imports, statistics. agent: what concerns himself only.
 */
export const roles = ['supervisor', 'operator', 'agent'] as const
export type Role = (typeof roles)[number]

/** Who a request comes from. */
export interface Caller {
  keyId: string
  /** The key's name, for the audit. */
  name: string
  role: Role
  /** Set exactly for the role agent. */
  agentId: string | null
}

export interface ApiKey {
  id: string
  name: string
  role: Role
  agentId: string | null
  createdAt: Date
  revokedAt: Date | null
}

const pattern = /^op_[A-Za-z0-9_-]{43}$/

export const newKey = (): string => `op_${randomBytes(32).toString('base64url')}`

export const looksLikeKey = (text: string): boolean => pattern.test(text)

export const hashKey = (key: string): string => createHash('sha256').update(key).digest('hex')

/** A supervisor may do all; an agent only where he is named, and then only for himself (api/authenticate.ts). */
export const mayDo = (role: Role, allowed: readonly Role[]): boolean => role === 'supervisor' || allowed.includes(role)
