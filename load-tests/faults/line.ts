/**
 * A line between the engine and one of its servers that can be cut (nothing listens), frozen (open, and nothing comes through) or
 * made slow. What is in it when it thaws is delivered.
 */
import { createConnection, createServer, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'

export interface Line {
  /** The server's address with the line's place in it. */
  url: string
  cut(): Promise<void>
  restore(): Promise<void>
  freeze(): void
  thaw(): void
  /** Every packet is so late; 0: as fast as it comes. */
  slowDown(ms: number): void
  close(): Promise<void>
}

export async function openLine(behind: string): Promise<Line> {
  const target = new URL(behind)
  const sockets = new Set<Socket>()
  let delayMs = 0
  let frozen: Promise<void> | undefined
  let thaw = () => {}

  /** In order: a packet is not sent before the one ahead of it. */
  function pass(from: Socket, to: Socket) {
    let ahead: Promise<unknown> = Promise.resolve()
    from.on('data', (data) => {
      const due = Date.now() + delayMs
      ahead = ahead.then(async () => {
        while (frozen) await frozen
        const wait = due - Date.now()
        if (wait > 0) await pause(wait)
        to.write(data)
      })
    })
    from.once('close', () => void ahead.then(() => to.destroy()))
    from.on('error', () => {})
  }

  const server = createServer((outside) => {
    const inside = createConnection(Number(target.port), target.hostname)
    for (const socket of [outside, inside]) {
      sockets.add(socket)
      socket.once('close', () => sockets.delete(socket))
    }
    pass(outside, inside)
    pass(inside, outside)
  })
  const listen = (port: number) => new Promise<void>((listening) => server.listen(port, '127.0.0.1', listening))
  await listen(0)
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const url = new URL(behind)
  url.port = String(port)

  async function cut() {
    const closed = new Promise((done) => server.close(done))
    for (const socket of sockets) socket.destroy()
    await closed
  }
  return {
    url: url.href,
    cut,
    restore: () => listen(port),
    freeze() {
      frozen = new Promise((resolve) => {
        thaw = resolve
      })
    },
    thaw() {
      frozen = undefined
      thaw()
    },
    slowDown(ms) {
      delayMs = ms
    },
    async close() {
      frozen = undefined
      thaw()
      if (server.listening) await cut()
    },
  }
}
