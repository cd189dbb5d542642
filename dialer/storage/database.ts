/**
 * The pool of connections and transactions: the only way to PostgreSQL besides the *-store.ts files, which take a `Db`.
 * int8 comes back as a number (ids stay far below 2^53), timestamptz as Date, date as 'YYYY-MM-DD'.
 */
import pg from 'pg'

const { builtins } = pg.types
pg.types.setTypeParser(builtins.INT8, Number)
pg.types.setTypeParser(builtins.DATE, (text) => text)

export type Db = pg.Pool | pg.PoolClient
export type Pool = pg.Pool

/** A server that does not even refuse, and a pool that stays empty, are said after this time. */
const connectMs = 5000

/**
 * `statementMs`: a statement that takes this long hangs with its server, and its connection is given up; none while the
 * schema is set up.
 */
export function createPool(url: string, max = 10, statementMs?: number): Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max,
    application_name: 'outpace',
    connectionTimeoutMillis: connectMs,
    ...(statementMs !== undefined && { query_timeout: statementMs }),
    keepAlive: true,
  })
  // An idle connection that breaks is replaced by the pool; without a listener the process would end.
  pool.on('error', () => {})
  return pool
}

/** Runs `work` in one transaction: committed when it returns, rolled back when it throws. */
export const inTransaction = <T>(pool: Pool, work: (db: pg.PoolClient) => Promise<T>): Promise<T> => transact(pool, 'begin', work)

/** Several reads that see one moment. */
export const inSnapshot = <T>(pool: Pool, work: (db: pg.PoolClient) => Promise<T>): Promise<T> =>
  transact(pool, 'begin isolation level repeatable read read only', work)

async function transact<T>(pool: Pool, begin: string, work: (db: pg.PoolClient) => Promise<T>): Promise<T> {
  const db = await pool.connect()
  try {
    await db.query(begin)
    const result = await work(db)
    await db.query('commit')
    db.release()
    return result
  } catch (error) {
    const broken = await db.query('rollback').then(
      () => false,
      () => true,
    )
    db.release(broken)
    throw error
  }
}

/** The statement itself is refused (data or constraint): repeating it cannot help. */
export const isRefusedContent = (error: unknown): boolean =>
  error instanceof pg.DatabaseError && /^(0A|22|23|42)/.test(error.code ?? '')
