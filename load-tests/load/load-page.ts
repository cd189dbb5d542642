/** The page of `make bench-load`: what each rate that was tried gave, for the engine and for the bare loop. Pure. */
import { type Chart, chartPage } from '../uplot-page.ts'
import type { HighestRate, Tried } from './highest-rate.ts'
import { quantile, waitLimitMs } from './loop.ts'

export interface Rates {
  engine: HighestRate
  bare: HighestRate
}

export function loadPage(rates: Rates): string {
  const { engine, bare } = rates
  return chartPage(
    'Load on one machine',
    `The engine carried ${engine.callsPerSecond} calls a second, the bare ARI loop ${bare.callsPerSecond}; PostgreSQL, Asterisk, callees and agents ran beside them.`,
    [
      chart(rates, 'Answer to bridged, 99 of 100 people', `The limit is ${waitLimitMs} ms.`, 'ms', ({ run }) =>
        quantile(run.waits, 0.99),
      ),
      chart(
        rates,
        'Processor time of a call',
        'Of the engine or the loop alone.',
        'ms of one core',
        ({ run }) => run.cpuMsPerCall,
      ),
      chart(rates, 'Calls placed of those asked for', 'Below 98 % the rate was not held.', '%', ({ load, run }) =>
        Math.round((100 * run.placed) / (load.callsPerSecond * load.seconds)),
      ),
    ],
  )
}

function chart(rates: Rates, title: string, about: string, unit: string, value: (tried: Tried) => number): Chart {
  const all = [...rates.engine.tried, ...rates.bare.tried]
  const values = [...new Set(all.map(({ load }) => load.callsPerSecond))].sort((a, b) => a - b)
  const line = (label: string, { tried }: HighestRate) => ({
    label,
    // The longest run at a rate speaks for it.
    values: values.map((rate) => {
      const runs = tried.filter(({ load }) => load.callsPerSecond === rate).sort((a, b) => b.load.seconds - a.load.seconds)
      return runs[0] ? value(runs[0]) : null
    }),
  })
  return {
    ...{ title, about },
    x: { label: 'calls per second', values },
    y: { label: unit, lines: [line('engine', rates.engine), line('bare ARI loop', rates.bare)] },
  }
}
