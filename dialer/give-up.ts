/** The end of a process at an error that no waiting helps: one sentence, what to do, exit code 1. For main.ts and service.ts. */
import { messageOf, OutpaceError } from './errors.ts'

export function giveUp(error: unknown): never {
  process.stderr.write(`${messageOf(error)} ${error instanceof OutpaceError ? error.whatToDo : ''}\n`)
  process.exit(1)
}
