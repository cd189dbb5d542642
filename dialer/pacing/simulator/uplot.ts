/** The charting library as text, for pages that load nothing from outside. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

export function uplotSources(): { script: string; style: string } {
  const folder = dirname(createRequire(import.meta.url).resolve('uplot'))
  const read = (file: string) => readFileSync(join(folder, file), 'utf8')
  return { script: read('uPlot.iife.min.js'), style: read('uPlot.min.css') }
}
