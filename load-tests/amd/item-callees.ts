/**
 * Callees who play recordings over RTP, each one once from the answer on: SIPp processes, a line of their scenario for each
 * recording. For comparing what the switch delivers with what is in the file.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Sipp, startSipp, untilAnswering } from '../sipp.ts'

export interface Recording {
  id: number
  /** Raw A-law. */
  alaw: Uint8Array
}

export interface ItemCallees {
  /** SIP ports of the processes. */
  ports: number[]
  /** Whom to dial, and at which port, to hear this recording. */
  callee(id: number): { number: string; port: number }
  stop(): Promise<void>
}

const template = fileURLToPath(new URL('../sipp-scenarios/recordings.xml', import.meta.url))
/** SIPp reads no scenario of over 64 kB. */
const perProcess = 200
const digits = 6
const endOf = (id: number) => String(id).padStart(digits, '0')

export async function startItemCallees(options: { recordings: Recording[]; dir: string }): Promise<ItemCallees> {
  const dir = resolve(options.dir)
  await mkdir(dir, { recursive: true })
  await Promise.all(options.recordings.map(({ id, alaw }) => writeFile(join(dir, `${id}.al`), alaw)))
  const ids = options.recordings.map(({ id }) => id)
  const portOf = new Map<number, number>()
  const processes: Sipp[] = []
  const stop = async () => void (await Promise.all(processes.map((sipp) => sipp.stop())))
  try {
    for (let from = 0; from < ids.length; from += perProcess) {
      const own = ids.slice(from, from + perProcess)
      const sipp = await startCallees(dir, `recordings-${processes.length}`, own)
      processes.push(sipp)
      await untilAnswering(sipp)
      for (const id of own) portOf.set(id, sipp.port)
    }
  } catch (error) {
    await stop()
    throw error
  }
  return {
    ports: processes.map(({ port }) => port),
    callee(id) {
      const port = portOf.get(id)
      if (port === undefined) throw new Error(`there is no recording ${id}`)
      return { number: `+48501${endOf(id)}`, port }
    },
    stop,
  }
}

async function startCallees(dir: string, name: string, ids: number[]): Promise<Sipp> {
  const lines = (line: (id: number) => string) => ids.map(line).join('\n')
  const scenario = (await readFile(template, 'utf8'))
    .replace(
      'WHO_IS_CALLED',
      lines((id) => `<ereg regexp="^INVITE sip:[^@;]*${endOf(id)}@" search_in="msg" assign_to="is${id}"/>`),
    )
    .replace(
      'WHERE_TO',
      lines((id) => `<nop next="play${id}" test="is${id}"/>`),
    )
    .replace(
      'RECORDINGS',
      lines((id) => `<label id="play${id}"/>\n<nop next="until_bye"><action><exec rtp_stream="${id}.al,1,8"/></action></nop>`),
    )
  const file = join(dir, `${name}.xml`)
  await writeFile(file, scenario)
  return startSipp({ scenario: file, name, port: 0, mediaPort: 0, workDir: dir, logDir: dir, timeoutSeconds: 3600 })
}
