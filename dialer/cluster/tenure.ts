/**
 * Who is in charge of a switch: one engine at a time, by a lease; others with the same OUTPACE_SWITCH stand by and take over
 * when it is free. The holder proves to itself that it is awake: a process that slept longer than its lease may have been
 * replaced, so it does nothing on the switch before it has asked. While the coordination is away nobody can take over, and
 * the holder goes on serving its calls. Made by main.ts.
 *
 *   standing by --lease--> in charge --slept, replaced--> in doubt --still ours--> in charge;  in doubt --somebody else's--> lost
 */
import type { Coordination, Lease } from './coordination.ts'

export interface Tenure {
  /** Resolves when the switch is ours; false when the engine was asked to stop before. */
  begin(stop: AbortSignal): Promise<boolean>
  /** Checked before every request to the switch; without a question to anybody. */
  mayAct(): boolean
  /** The switch says that another engine took the application. */
  doubt(): void
  standbyWaits(): Promise<boolean>
  /** Gives the switch to whoever waits. What is in our hands until he comes is still served. */
  handOver(): Promise<void>
  /** No timer any more. */
  close(): void
}

export interface TenureDeps {
  coordination: Coordination
  switchName: string
  /** Another engine is in charge: this one must go. */
  onLost(): void
  /** Another engine is in charge, or nobody can say: this one waits. Told once. */
  onStandby(): void
}

const leaseMs = 5000
const beatMs = 250
const renewMs = 1000
/** So long without a beat, and the lease may be somebody else's before the next one. */
const sleptMs = 3000
const lookMs = 250

/** What has passed by the one clock or the other: the one stands still while the machine sleeps, the other may be set. */
const clocks = () => ({ wall: Date.now(), steady: performance.now() })
const since = (then: ReturnType<typeof clocks>) => Math.max(performance.now() - then.steady, Date.now() - then.wall)

export function createTenure({ coordination, switchName, onLost, onStandby }: TenureDeps): Tenure {
  const name = `switch:${switchName}`
  const standby = `standby:${switchName}`
  let lease: Lease | undefined
  let beatAt = clocks()
  let renewedAt = clocks()
  let inDoubt = false
  let asking = false
  let handedOver = false
  let beating: NodeJS.Timeout | undefined

  function beat() {
    if (since(beatAt) > sleptMs) inDoubt = true
    beatAt = clocks()
    if (!asking && !handedOver && (inDoubt || since(renewedAt) >= renewMs)) void ask()
  }

  async function ask() {
    asking = true
    renewedAt = clocks()
    const held = (await lease?.renew()) || (coordination.healthy() && (await takeAgain()))
    if (held) inDoubt = false
    else if (coordination.healthy() && !handedOver) lost()
    asking = false
  }

  /** It ran out and nobody wanted it. */
  async function takeAgain(): Promise<boolean> {
    const taken = await coordination.lease(name, leaseMs)
    lease = taken ?? lease
    return taken !== undefined
  }

  function lost() {
    inDoubt = true
    clearInterval(beating)
    onLost()
  }

  return {
    async begin(stop) {
      let place: Lease | undefined
      let said = false
      while (!stop.aborted) {
        lease = await coordination.lease(name, leaseMs)
        if (lease) {
          await place?.release()
          beatAt = renewedAt = clocks()
          beating = setInterval(beat, beatMs)
          return true
        }
        if (!(await place?.renew())) place = await coordination.lease(standby, leaseMs)
        if (!said) onStandby()
        said = true
        await new Promise((resolve) => setTimeout(resolve, lookMs))
      }
      await place?.release()
      return false
    },
    mayAct: () => !inDoubt && since(beatAt) <= sleptMs,
    doubt() {
      if (!handedOver) inDoubt = true
    },
    async standbyWaits() {
      const free = await coordination.lease(standby, 1)
      await free?.release()
      return free === undefined && coordination.healthy()
    },
    async handOver() {
      handedOver = true
      await lease?.release()
    },
    close: () => clearInterval(beating),
  }
}
