/** The carrier whose callees live by callees.csv: as startCarrier of ../world.ts, with that scenario and without audio. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startSipp, textOf, untilAnswering } from '../sipp.ts'
import { readCalls, type WireCall } from '../wire-log.ts'

export interface LiveCarrier {
  port: number
  calls(): Promise<WireCall[]>
  stop(): Promise<void>
}

export async function startLiveCarrier(options: { dir: string; port: number; calleesCsv: string }): Promise<LiveCarrier> {
  const dir = resolve(options.dir)
  const callees = join(dir, 'callees.csv')
  await mkdir(dir, { recursive: true })
  await writeFile(callees, options.calleesCsv)
  const sipp = await startSipp({
    scenario: fileURLToPath(new URL('../sipp-scenarios/carrier-distributions.xml', import.meta.url)),
    name: 'carrier',
    port: options.port,
    mediaPort: 0,
    workDir: dir,
    logDir: dir,
    timeoutSeconds: 3600,
    extra: ['-inf', callees, '-infindex', 'callees.csv', '0'],
  })
  await untilAnswering(sipp)
  return {
    port: sipp.port,
    calls: async () => readCalls(await textOf(sipp.messagesFile), await textOf(sipp.notesFile)),
    stop: () => sipp.stop(),
  }
}
