/** What the pacers and the answer model have learnt, kept over restarts; opaque here. */
import type { Db } from '../storage/database.ts'

export async function savePacingMemory(db: Db, memory: { name: string; saved: unknown; at: Date }): Promise<void> {
  await db.query(
    `insert into pacing_memory (name, saved, saved_at) values ($1, $2, $3)
     on conflict (name) do update set saved = excluded.saved, saved_at = excluded.saved_at`,
    [memory.name, JSON.stringify(memory.saved), memory.at],
  )
}

/** undefined: nothing was ever saved. */
export async function findPacingMemory(db: Db, name: string): Promise<unknown> {
  const { rows } = await db.query<{ saved: unknown }>('select saved from pacing_memory where name = $1', [name])
  return rows[0]?.saved
}
