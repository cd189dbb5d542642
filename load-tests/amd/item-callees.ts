/**
 * Callees who play recordings over RTP, each one once from the answer on: one SIPp process, a line of its scenario for each
 * recording. For comparing what the switch delivers with what is in the file.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startSipp, untilAnswering } from '../sipp.ts'

export interface Recording {
  id: number
  /** Raw A-law. */
  alaw: Uint8Array
}

export interface ItemCallees {
  /** SIP port. */
  port: number
  /** Whoever dials this hears the recording. */
  numberOf(id: number): string
  stop(): Promise<void>
}

const template = fileURLToPath(new URL('../sipp-scenarios/recordings.xml', import.meta.url))
const digits = 6
const endOf = (id: number) => String(id).padStart(digits, '0')

export async function startItemCallees(options: { recordings: Recording[]; dir: string }): Promise<ItemCallees> {
  const dir = resolve(options.dir)
  await mkdir(dir, { recursive: true })
  const ids = options.recordings.map(({ id }) => id)
  await Promise.all(options.recordings.map(({ id, alaw }) => writeFile(join(dir, `${id}.al`), alaw)))
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
  const file = join(dir, 'recordings.xml')
  await writeFile(file, scenario)
  const sipp = await startSipp({
    ...{ scenario: file, name: 'recordings', port: 0, mediaPort: 0, workDir: dir, logDir: dir, timeoutSeconds: 3600 },
  })
  await untilAnswering(sipp)
  return { port: sipp.port, numberOf: (id) => `+48501${endOf(id)}`, stop: () => sipp.stop() }
}
