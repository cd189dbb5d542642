/**
 * What an agent dials: the log-in code, and the codes of two keys he presses during the shift.
 * A code must be complete within CODE_TIMEOUT_MS of its star, so that keys pressed for the callee's bank do nothing here.
 */
export const LOGIN_CODE = '*10'
export const CODE_TIMEOUT_MS = 3000

export type PhoneCommand = 'ready' | 'pause' | 'end_talk' | 'log_out'

const commands: Partial<Record<string, PhoneCommand>> = { '1': 'ready', '2': 'pause', '3': 'end_talk', '0': 'log_out' }

/** Returns a reader of one phone's keys: give it each digit, it answers with a command when one is complete. */
export function createKeyReader(): (digit: string, at: number) => PhoneCommand | undefined {
  let starAt: number | undefined
  return (digit, at) => {
    const open = starAt !== undefined && at - starAt <= CODE_TIMEOUT_MS
    starAt = digit === '*' ? at : undefined
    return open && digit !== '*' ? commands[digit] : undefined
  }
}
