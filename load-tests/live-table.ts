/** The campaign as it runs, in the terminal: redrawn in place on a terminal, a line every few seconds elsewhere. */

export interface Stats {
  state: string
  leads: { total: number; byState: Record<string, number>; byDisposition: Record<string, number> }
  attempts: { total: number; answered: number; connected: number; live: number; byDisposition: Record<string, number> }
  abandonment: { window: string; connected: number; abandoned: number; rate: number | null }[]
  occupancy: number | null
  live: {
    agents: Record<string, number>
    calls: Record<string, number>
    lastDecision: { at: number; calls: number; reason: string } | null
  } | null
}

const plainEveryMs = 5000

const list = (counts: Record<string, number> | undefined) =>
  Object.entries(counts ?? {})
    .filter(([, count]) => count > 0)
    .sort(([, a], [, b]) => b - a)
    .map(([name, count]) => `${name} ${count}`)
    .join('  ') || '-'

const percent = (share: number | null | undefined) =>
  share === null || share === undefined ? '-' : `${(share * 100).toFixed(1)} %`

export function tableRows(stats: Stats): string[] {
  const day = stats.abandonment.find((window) => window.window === 'last_24_hours')
  const dialed = Object.values(stats.leads.byDisposition).reduce((sum, count) => sum + count, 0)
  return [
    `campaign      ${stats.state}; ${dialed} of ${stats.leads.total} leads dialed`,
    `agents        ${list(stats.live?.agents)}`,
    `calls         ${list(stats.live?.calls)}`,
    `attempts      ${stats.attempts.total}; answered ${stats.attempts.answered}, with an agent ${stats.attempts.connected}`,
    `ended         ${list(stats.attempts.byDisposition)}`,
    `abandoned     ${percent(day?.rate)} (${day?.abandoned ?? 0} of ${(day?.abandoned ?? 0) + (day?.connected ?? 0)} live answers)`,
    `pacer         ${stats.live?.lastDecision?.reason ?? '-'}`,
  ]
}

export function liveTable(out: NodeJS.WriteStream): { show(stats: Stats): void } {
  let drawn = 0
  let plainAt = Number.NEGATIVE_INFINITY
  return {
    show(stats) {
      const rows = tableRows(stats)
      if (out.isTTY) {
        const width = out.columns - 1
        if (drawn > 0) out.write(`\x1b[${drawn}A`)
        for (const row of rows) out.write(`\x1b[2K  ${row.slice(0, width - 2)}\n`)
        drawn = rows.length
      } else if (Date.now() - plainAt >= plainEveryMs) {
        plainAt = Date.now()
        out.write(`         ${rows[0]} | ${rows[1]} | ${rows[2]} | ${rows[5]}\n`)
      }
    },
  }
}
