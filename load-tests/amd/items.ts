/**
 * The items of the corpus as `make corpus` left them in var/corpus: what is true of each, and its audio as a call
 * would deliver it. Read by the shortcut checks, training and bench.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { alawToLinear, ulawToLinear } from '../../dialer/amd/g711.ts'
import type { Beep, Kind, Label } from './compose.ts'
import type { Line } from './line.ts'
import type { Part } from './sources.ts'

export const corpusDir = 'var/corpus'

export interface Item {
  id: number
  part: Part
  label: Label
  kind: Kind
  language: string
  voice: string
  recorded: boolean
  noisy: boolean
  line: Line
  /** Packets of 20 ms that did not arrive. */
  lost: number[]
  /** Where its bytes are in the part's file. */
  from: number
  length: number
  /** When somebody speaks: from, to, in ms since the answer. */
  speech: [number, number][]
  greetingEndMs?: number
  beep?: Beep
  /** The end of the three tones before an announcement. */
  sitEndMs?: number
}

export interface CorpusPart {
  items: Item[]
  /** As a call delivers it: linear samples of each packet and when it was spoken; lost packets are left out. */
  packets(item: Item): { samples: Int16Array; atMs: number }[]
  bytes(item: Item): Uint8Array
}

export async function openPart(part: Part): Promise<CorpusPart> {
  const items: Item[] = JSON.parse(await readFile(join(corpusDir, `${part}.json`), 'utf8'))
  const all = await readFile(join(corpusDir, `${part}.g711`))
  const bytes = ({ from, length }: Item) => all.subarray(from, from + length)
  return {
    items,
    bytes,
    packets(item) {
      const linear = item.line.codec === 'ulaw' ? ulawToLinear(bytes(item)) : alawToLinear(bytes(item))
      const lost = new Set(item.lost)
      return Array.from({ length: linear.length / 160 }, (_, packet) => packet)
        .filter((packet) => !lost.has(packet))
        .map((packet) => ({ samples: linear.subarray(packet * 160, packet * 160 + 160), atMs: packet * 20 }))
    },
  }
}
