/**
 * A TCP door before a server: while it is shut, nothing listens and what was connected is cut, as if the server were gone.
 * For tests of parts that are missing, go and come back; the server itself is shared and stays up.
 */
import { createConnection, createServer, type Socket } from 'node:net'
import { freeTcpPort } from './asterisk.ts'

export interface Gate {
  port: number
  /** The address with the door's place instead of the server's. */
  url: string
  open(): Promise<void>
  shut(): Promise<void>
}

/** Shut at first. */
export async function createGate(t: { teardown(task: () => Promise<void>): unknown }, url: string): Promise<Gate> {
  const behind = new URL(url)
  const port = await freeTcpPort()
  const through = new URL(url)
  through.port = String(port)
  const sockets = new Set<Socket>()
  const server = createServer((outside) => {
    const inside = createConnection(Number(behind.port), behind.hostname)
    for (const socket of [outside, inside]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.once('close', () => {
        sockets.delete(socket)
        outside.destroy()
        inside.destroy()
      })
    }
    outside.pipe(inside).pipe(outside)
  })
  const shut = async () => {
    for (const socket of sockets) socket.destroy()
    if (server.listening) await new Promise((closed) => server.close(closed))
  }
  t.teardown(shut)
  return {
    port,
    url: through.href,
    open: () => new Promise((opened) => server.listen(port, '127.0.0.1', opened)),
    shut,
  }
}
