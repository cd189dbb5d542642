/**
 * Turns whatever WAV comes in (an upload, a speaking machine) into the one kind Outpace keeps (wav.ts), and puts it where
 * the switch finds it, whole or not at all. Runs sox. Used by speech.ts and recordings.ts.
 */
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

const runLimitMs = 20_000
/** Ten minutes of telephone sound. */
const outputLimit = 10 * 60 * 16_000

/** What a program writes when it is given this; rejects with its last words if it fails, is not there, or takes too long. */
export function runProgram([command = '', ...args]: string[], input: Buffer | string): Promise<Buffer> {
  return new Promise((done, fail) => {
    const program = spawn(command, args, { stdio: 'pipe', signal: AbortSignal.timeout(runLimitMs), killSignal: 'SIGKILL' })
    const output: Buffer[] = []
    let size = 0
    let words = ''
    program.once('error', (error) =>
      fail(new Error(error.name === 'AbortError' ? `${command} took too long` : `${command} cannot be run: ${error.message}`)),
    )
    program.stdout.on('data', (piece: Buffer) => {
      size += piece.length
      if (size > 4 * outputLimit) program.kill('SIGKILL')
      else output.push(piece)
    })
    program.stderr.on('data', (piece: Buffer) => {
      words = `${words}${piece}`.slice(-300)
    })
    // A program that ends before it has read all says why by its exit code.
    program.stdin.on('error', () => {})
    program.stdin.end(input)
    program.once('close', (code, signal) => {
      if (code === 0) done(Buffer.concat(output))
      else fail(new Error(`${command} ${signal ? 'said too much' : 'failed'}: ${words.trim() || `code ${code}`}`))
    })
  })
}

/** `polish`: a machine's voice is brought to one loudness and begins at once; a recording stays as its maker made it. */
export async function toTelephoneSound(wav: Buffer, polish: 'polish' | 'keep'): Promise<Buffer> {
  // -G: what comes louder than the full scale out of the conversion is made quieter as a whole, not clipped.
  const guard = polish === 'polish' ? [] : ['-G']
  const effects = polish === 'polish' ? ['silence', '1', '0.01', '0.2%', 'norm', '-3', 'pad', '0.02', '0.15'] : []
  const into = ['-r', '8000', '-c', '1', '-b', '16', '-e', 'signed-integer', '-t', 'wav', '-']
  return headed(await runProgram(['sox', '-V1', '--no-dither', ...guard, '-t', 'wav', '-', ...into, ...effects], wav))
}

/** Into a pipe sox cannot write the sizes of the heading, which it does not know when it begins. */
function headed(wav: Buffer): Buffer {
  wav.writeUInt32LE(wav.length - 8, 4)
  wav.writeUInt32LE(wav.length - 44, 40)
  return wav
}

/** A reader sees the old file or the new one. Readable by the switch's user. */
export async function putFile(path: string, content: Buffer): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o755 })
  const part = `${path}.${randomUUID()}`
  try {
    await writeFile(part, content, { mode: 0o644 })
    await rename(part, path)
  } catch (error) {
    await rm(part, { force: true })
    throw error
  }
}
