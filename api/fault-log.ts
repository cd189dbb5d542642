/**
 * A fault as it may stand in the log: where it happened, without what it happened to. PostgreSQL quotes values where data is
 * refused (classes 22 and 23), so of such errors only code, table and constraint are kept. Pure; used by server.ts.
 */

const textField = (error: Error, name: string): string | undefined => {
  const value: unknown = Reflect.get(error, name)
  return typeof value === 'string' ? value : undefined
}

export function describeFault(thrown: unknown): Record<string, unknown> {
  if (!(thrown instanceof Error)) return { kind: typeof thrown }
  const frames = (thrown.stack ?? '').split('\n').filter((line) => line.startsWith('    at '))
  const code = textField(thrown, 'code')
  const quotesData = textField(thrown, 'severity') !== undefined && /^2[23]/.test(code ?? '')
  return {
    kind: thrown.name,
    code,
    ...(quotesData
      ? { table: textField(thrown, 'table'), constraint: textField(thrown, 'constraint') }
      : { message: thrown.message }),
    frames: frames.slice(0, 12).map((frame) => frame.trim()),
  }
}
