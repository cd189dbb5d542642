/**
 * The page that simulate.ts writes: one file, charts drawn by uPlot inlined, nothing loaded from
 * outside. For an operator: what each way of dialing gives and costs, and how a day goes. Pure: data in,
 * HTML out.
 */
import type { Measured } from './measure.ts'

export interface Timeline {
  /** Hours since the start of the day. */
  hour: number[]
  talking: number[]
  idle: number[]
  ringing: number[]
  abandoned: number[]
  /** Accepted risk, per cent; null while the guard holds the pacer. */
  acceptedRisk: (number | null)[]
}

export interface PageData {
  title: string
  about: string
  peers: readonly Measured[]
  /** Ours at several targets. */
  ours: readonly (Measured & { target: number })[]
  optimum?: number
  timeline: Timeline
}

export function pageOf(data: PageData, uplot: { script: string; style: string }): string {
  const rows = [...data.peers, ...data.ours.map((one) => ({ ...one, policy: `Outpace, target ${percent(one.target)}` }))]
  const table = rows.map(
    (row) =>
      `<tr><td>${escapeHtml(row.policy)}</td><td>${percent(row.occupancy)}</td><td>${percent(1 - row.occupancy)}</td>` +
      `<td>${percent(row.abandonment)}</td><td>${row.daysWithin} of ${row.days}</td><td>${Math.round(row.placedPerDay)}</td></tr>`,
  )
  const best = data.optimum === undefined ? '' : `<p>Best possible with exponential times at 3 %: ${percent(data.optimum)}.</p>`
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>${escapeHtml(data.title)}</title>
<style>${uplot.style}
body{font:15px/1.45 system-ui,sans-serif;max-width:980px;margin:2em auto;padding:0 1em;color:#222}
table{border-collapse:collapse}td,th{padding:.3em .8em;border-bottom:1px solid #ddd;text-align:right}td:first-child,th:first-child{text-align:left}
h2{margin-top:2em}</style>
<h1>${escapeHtml(data.title)}</h1><p>${escapeHtml(data.about)}</p>
<table><tr><th>way of dialing</th><th>agents busy</th><th>agents idle</th><th>abandoned</th><th>days within limit</th><th>calls a day</th></tr>
${table.join('\n')}</table>${best}
<h2>What a lower abandonment rate costs</h2>
<p>Each point is one way of dialing over all days: further up is less idle time, further left is fewer people abandoned.</p>
<div id="tradeoff"></div>
<h2>One day</h2><p>Agents talking or in wrap-up, agents idle, calls ringing, and people abandoned so far.</p><div id="day"></div>
<p>The risk the pacer accepted that the next answer finds no agent. It falls when the budget of abandoned calls runs low.</p><div id="price"></div>
<script>${uplot.script}</script>
<script>const data=${JSON.stringify(chartData(data)).replaceAll('<', '\\u003c')};${DRAW}</script></html>
`
}

function chartData(data: PageData): object {
  const points = [
    ...data.peers.map((peer) => ({ label: peer.policy, ours: false, ...peer })),
    ...data.ours.map((one) => ({ label: 'Outpace', ours: true, ...one })),
  ]
  points.sort((a, b) => a.abandonment - b.abandonment)
  const labels = [...new Set(points.map((point) => point.label))]
  const lines = labels.map((label) => points.map((point) => (point.label === label ? 100 * point.occupancy : null)))
  return { x: points.map((point) => 100 * point.abandonment), labels, lines, timeline: data.timeline }
}

/** Runs in the browser. */
const DRAW = `
const colours=['#888','#c60','#a3a','#282','#06c','#c22'];
const axes=(x,y)=>[{label:x},{label:y}];
const colour=(label,i)=>label==='Outpace'?'#06c':colours[i%4];
new uPlot({width:920,height:380,scales:{x:{time:false}},axes:axes('abandoned, % of people','agents busy, %'),
 series:[{label:'abandoned %'},...data.labels.map((label,i)=>({label,stroke:colour(label,i),spanGaps:true,width:2,points:{show:true,size:9,fill:colour(label,i)}}))]},
 [data.x,...data.lines],document.getElementById('tradeoff'));
const t=data.timeline;
new uPlot({width:920,height:340,scales:{x:{time:false}},axes:axes('hours','agents, calls, people'),
 series:[{label:'hour'},{label:'busy',stroke:'#282'},{label:'idle',stroke:'#c60'},{label:'ringing',stroke:'#aaa'},{label:'abandoned so far',stroke:'#c22',width:2}]},
 [t.hour,t.talking,t.idle,t.ringing,t.abandoned],document.getElementById('day'));
new uPlot({width:920,height:220,scales:{x:{time:false}},axes:axes('hours','accepted risk, %'),
 series:[{label:'hour'},{label:'accepted risk',stroke:'#06c',width:2}]},[t.hour,t.acceptedRisk],document.getElementById('price'));
`

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`
const escapeHtml = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
