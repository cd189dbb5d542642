/**
 * What the journal could not write before the engine had to stop, because PostgreSQL was away: kept in a file of the data
 * directory, and written by the next start before anything else. It holds what the database would: the owner alone may
 * read it, and it is removed as soon as it is written. Called by main.ts.
 */
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { deserialize, serialize } from 'node:v8'
import type { Log } from '../log.ts'
import type { Journal, JournalEntry } from './journal.ts'

export function keepForNextStart(file: string, entries: JournalEntry[], log: Log): void {
  if (entries.length === 0) return
  // Whole or not at all: a file that was broken off would not be read again.
  writeFileSync(`${file}.new`, serialize(entries), { mode: 0o600 })
  renameSync(`${file}.new`, file)
  log.warn({ entries: entries.length, file }, 'the database was away: what happened is kept in a file for the next start')
}

/** Resolves when all of it is in the database. */
export async function writeLeftOver(file: string, journal: Journal, log: Log): Promise<void> {
  if (!existsSync(file)) return
  const entries: JournalEntry[] = deserialize(readFileSync(file))
  for (const entry of entries) journal.add(entry)
  await journal.settled()
  rmSync(file)
  log.info({ entries: entries.length }, 'what the former run could not write is in the database')
}
