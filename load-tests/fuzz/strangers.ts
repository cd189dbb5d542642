/** Strangers on the network: UDP sockets that send to the switch as fast as told, and do not care what it answers. */
import { createSocket } from 'node:dgram'
import { setTimeout as pause } from 'node:timers/promises'

export interface Attack {
  /** Where the switch listens, on loopback. */
  port: number
  messages: number
  perSecond: number
  message(n: number): Buffer
}

/** Other addresses than the trunk's; they belong to loopback too. */
const addresses = ['127.0.0.66', '127.0.0.67', '127.0.0.1']
const burstMs = 20

/** Resolves when all were sent. */
export async function attack({ port, messages, perSecond, message }: Attack): Promise<void> {
  const sockets = addresses.map((address) => {
    const socket = createSocket('udp4')
    socket.bind(0, address)
    socket.on('error', () => {})
    return socket
  })
  const began = Date.now()
  for (let sent = 0; sent < messages; await pause(burstMs)) {
    const due = Math.min(messages, ((Date.now() - began) / 1000) * perSecond)
    for (; sent < due; sent++) sockets[sent % sockets.length]?.send(message(sent), port, '127.0.0.1')
  }
  for (const socket of sockets) socket.close()
}
