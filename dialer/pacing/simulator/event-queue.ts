/** A binary heap of timed events in typed arrays: (at, kind, id, serial). Earliest first. Pure. */

export interface TimedEvent {
  at: number
  kind: number
  id: number
  serial: number
}

export class EventQueue {
  private at = new Float64Array(1024)
  private what = new Int32Array(3 * 1024)
  private size = 0
  /** The event last taken; reused, so that the loop allocates nothing. */
  readonly taken: TimedEvent = { at: 0, kind: 0, id: 0, serial: 0 }

  earliest(): number {
    return this.size > 0 ? (this.at[0] ?? 0) : Number.POSITIVE_INFINITY
  }

  push(at: number, kind: number, id: number, serial: number): void {
    if (this.size === this.at.length) this.grow()
    let i = this.size++
    while (i > 0) {
      const parent = (i - 1) >> 1
      if ((this.at[parent] ?? 0) <= at) break
      this.move(parent, i)
      i = parent
    }
    this.put(i, at, kind, id, serial)
  }

  /** Takes the earliest into `taken`. */
  pop(): void {
    const { at, what, taken } = this
    taken.at = at[0] ?? 0
    taken.kind = what[0] ?? 0
    taken.id = what[1] ?? 0
    taken.serial = what[2] ?? 0
    const last = --this.size
    if (last === 0) return
    const lastAt = at[last] ?? 0
    let i = 0
    for (;;) {
      let child = 2 * i + 1
      if (child >= last) break
      if (child + 1 < last && (at[child + 1] ?? 0) < (at[child] ?? 0)) child++
      if ((at[child] ?? 0) >= lastAt) break
      this.move(child, i)
      i = child
    }
    this.put(i, lastAt, what[3 * last] ?? 0, what[3 * last + 1] ?? 0, what[3 * last + 2] ?? 0)
  }

  private put(i: number, at: number, kind: number, id: number, serial: number): void {
    this.at[i] = at
    this.what[3 * i] = kind
    this.what[3 * i + 1] = id
    this.what[3 * i + 2] = serial
  }

  private move(from: number, to: number): void {
    this.at[to] = this.at[from] ?? 0
    this.what.copyWithin(3 * to, 3 * from, 3 * from + 3)
  }

  private grow(): void {
    const at = new Float64Array(2 * this.at.length)
    at.set(this.at)
    this.at = at
    const what = new Int32Array(2 * this.what.length)
    what.set(this.what)
    this.what = what
  }
}
