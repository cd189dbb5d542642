/**
 * What the load tests run on, all on this machine: PostgreSQL with its durable settings, a private Asterisk, a SIPp carrier with
 * everybody behind it. The engine and its baseline come and go on it. Stopped in reverse order, each part even if another fails.
 */
import { mkdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { readConfig } from '../../dialer/config.ts'
import { createPool } from '../../dialer/storage/database.ts'
import { startPostgres } from '../../dialer/storage/embedded-postgres.ts'
import { startAsterisk, stopAsterisk } from '../../pbx-config/asterisk-process.ts'
import { asteriskSettings } from '../../pbx-config/settings.ts'
import { freePort } from '../engine-process.ts'
import { type Carrier, startCarrier } from '../world.ts'

export interface Floor {
  dir: string
  ariUrl: string
  sipPort: number
  carrier: Carrier
  /** An empty database for the next engine. */
  newDatabase(): Promise<string>
  /** With which an engine finds the rest. */
  engineEnv: Record<string, string>
  /** Called before the floor's own parts are stopped, the last one first. */
  onClose(stop: () => Promise<unknown>): void
  close(): Promise<void>
}

/** Every file of it lies under var/NAME. */
export async function openFloor(name: string): Promise<Floor> {
  const dir = resolve('var', name)
  rmSync(dir, { recursive: true, force: true })
  mkdirSync(dir, { recursive: true })
  const stops: (() => Promise<unknown>)[] = []
  const close = async () => {
    for (const stop of stops.splice(0).reverse())
      await stop().catch((error: unknown) => process.stderr.write(`could not stop a part: ${error}\n`))
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void close().then(() => process.exit(130)))

  const env = {
    OUTPACE_DATA_DIR: dir,
    OUTPACE_ARI_PORT: String(await freePort()),
    OUTPACE_SIP_PORT: String(await freePort()),
    OUTPACE_AGENT_RTP_TIMEOUT_SECONDS: '0',
    OUTPACE_DRAIN_SECONDS: '2',
    OUTPACE_LOG_LEVEL: 'warn',
  }
  try {
    const postgres = await startPostgres({ dir: join(dir, 'postgres'), port: 0 })
    stops.push(() => postgres.stop())
    const settings = asteriskSettings(readConfig({ ...process.env, ...env }))
    const { ariUrl } = await startAsterisk(settings)
    stops.push(() => stopAsterisk(settings))
    const carrier = await startCarrier({ dir: join(dir, 'carrier'), timeoutSeconds: 4 * 3600 })
    stops.push(() => carrier.stop())
    let databases = 0
    return {
      ...{ dir, ariUrl, carrier, close, sipPort: settings.sipPort },
      engineEnv: { ...env, ARI_URL: ariUrl },
      async newDatabase() {
        const url = new URL(postgres.url)
        const server = createPool(postgres.url, 1)
        url.pathname = `/load_${++databases}`
        await server.query(`create database load_${databases}`)
        await server.end()
        return url.href
      },
      onClose: (stop) => void stops.push(stop),
    }
  } catch (error) {
    await close()
    throw error
  }
}
