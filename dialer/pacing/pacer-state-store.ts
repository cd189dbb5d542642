/** What the pacer of each campaign has learnt, kept over restarts. `saved` is Pacer.snapshot(), opaque here. */
import type { Db } from '../storage/database.ts'

export async function savePacerState(db: Db, state: { campaignId: string; saved: unknown; at: Date }): Promise<void> {
  await db.query(
    `insert into pacer_states (campaign_id, saved, saved_at) values ($1, $2, $3)
     on conflict (campaign_id) do update set saved = excluded.saved, saved_at = excluded.saved_at`,
    [state.campaignId, JSON.stringify(state.saved), state.at],
  )
}

/** undefined: nothing was ever saved. */
export async function findPacerState(db: Db, campaignId: string): Promise<unknown> {
  const { rows } = await db.query<{ saved: unknown }>('select saved from pacer_states where campaign_id = $1', [campaignId])
  return rows[0]?.saved
}
