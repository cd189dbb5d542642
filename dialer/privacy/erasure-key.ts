/**
 * The secret behind the hashes of erased persons: from the environment, else a file beside the other secrets, made when it is first
 * needed. It must never lie in the database. Called by main.ts.
 */
import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'

export function readErasureKey(given: string | undefined, file: string): string {
  if (given !== undefined) return given
  try {
    // Of two engines that start at once on one directory, the first one's stays.
    writeFileSync(file, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
  return readFileSync(file, 'utf8').trim()
}
