/**
 * A fault as it may stand in the log: where it happened, without what it happened to. A message of PostgreSQL can quote a row,
 * so of such errors only code, table and constraint are kept. Pure; used by server.ts.
 */

const textField = (error: Error, name: string): string | undefined => {
  const value: unknown = Reflect.get(error, name)
  return typeof value === 'string' ? value : undefined
}

export function describeFault(thrown: unknown): Record<string, unknown> {
  if (!(thrown instanceof Error)) return { kind: typeof thrown }
  const frames = (thrown.stack ?? '').split('\n').filter((line) => line.startsWith('    at '))
  const fromDatabase = textField(thrown, 'severity') !== undefined
  return {
    kind: thrown.name,
    code: textField(thrown, 'code'),
    ...(fromDatabase
      ? { table: textField(thrown, 'table'), constraint: textField(thrown, 'constraint') }
      : { message: thrown.message }),
    frames: frames.slice(0, 12).map((frame) => frame.trim()),
  }
}
