/** One HTML file with charts drawn by uPlot, inlined: nothing is loaded from outside. Charts are data; the drawing is here. */
import { uplotSources } from '../dialer/pacing/simulator/uplot.ts'

export interface Chart {
  title: string
  /** For whoever looks at it: what it shows. */
  about: string
  x: { label: string; values: number[] }
  y: { label: string; lines: { label: string; values: (number | null)[] }[] }
}

export function chartPage(title: string, about: string, charts: Chart[]): string {
  const { script, style } = uplotSources()
  const sections = charts.map(
    (chart, n) => `<h2>${escapeHtml(chart.title)}</h2><p>${escapeHtml(chart.about)}</p><div id="chart${n}"></div>`,
  )
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>${escapeHtml(title)}</title>
<style>${style}
body{font:15px/1.45 system-ui,sans-serif;max-width:980px;margin:2em auto;padding:0 1em;color:#222}h2{margin-top:2em}</style>
<h1>${escapeHtml(title)}</h1><p>${escapeHtml(about)}</p>${sections.join('\n')}
<script>${script}</script>
<script>const charts=${JSON.stringify(charts).replaceAll('<', '\\u003c')};${draw}</script></html>
`
}

/** Runs in the browser. */
const draw = `
const colours=['#06c','#c60','#282','#a3a','#888','#c22'];
charts.forEach((chart,n)=>new uPlot({width:920,height:320,scales:{x:{time:false}},axes:[{label:chart.x.label},{label:chart.y.label}],
 series:[{label:chart.x.label},...chart.y.lines.map(({label},i)=>({label,stroke:colours[i%6],width:2,spanGaps:true,points:{show:true}}))]},
 [chart.x.values,...chart.y.lines.map(({values})=>values)],document.getElementById('chart'+n)));
`

const escapeHtml = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
