/**
 * What processes of the engine agree on: who owns what (leases), and how fast a trunk may be dialed by all of them
 * together (tokens). A port with two back ends: memory.ts for one process, redis.ts for several.
 * Not in it: data, messages, locks without an end. When the back end is away the answer is always the careful one:
 * no lease, no renewal, no tokens. test/contract/coordination.ts proves both back ends.
 */
export interface Lease {
  /** Larger than that of every earlier holder: a write that carries it can be refused when a later holder exists. */
  readonly token: number
  /** Holds the lease for another ttlMs; false: it is lost, or nobody can say, and the work it covers must stop. */
  renew(): Promise<boolean>
  /** Gives it up early. Idempotent; does nothing when the lease is somebody else's by now. */
  release(): Promise<void>
}

export interface Coordination {
  /** Begins to connect and returns; an absent back end is retried for ever and said in the log. */
  start(): Promise<void>
  /** Gives nothing back by itself: leases run out. Idempotent. */
  close(): Promise<void>
  /** Undefined when another holds it or the back end is away. */
  lease(name: string, ttlMs: number): Promise<Lease | undefined>
  /** Takes up to `wanted` whole tokens from a bucket that fills at `ratePerSecond` up to `burst`; how many were granted. */
  takeTokens(bucket: string, ratePerSecond: number, burst: number, wanted: number): Promise<number>
  /** Whether the back end answers now. */
  healthy(): boolean
}
