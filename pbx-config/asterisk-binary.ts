/**
 * Finds an Asterisk to run: the machine's own if it is version 20 or later, else the one in the private root that
 * `make setup` made. The private one is started through the root's own dynamic loader, so it needs neither chroot nor
 * the rights for one, and its instances may lie anywhere.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { OutpaceError } from '../dialer/errors.ts'

const oldestMajor = 20

export interface AsteriskBinary {
  command: string
  /** Stand before Asterisk's own arguments. */
  leadingArguments: string[]
  /** undefined: the folder it was built with. */
  modulesDirectory: string | undefined
  /** XML descriptions of its options; Asterisk refuses to start without them. */
  documentationDirectory: string
}

export function findAsterisk(rootDirectory: string): AsteriskBinary {
  const binary = systemAsterisk() ?? privateAsterisk(rootDirectory)
  if (binary) return binary
  throw new OutpaceError('switch_unavailable', {
    where: rootDirectory,
    problem: `there is no Asterisk >= ${oldestMajor} on this machine and no private one in this folder; run "make setup"`,
  })
}

/** The major version in the output of `asterisk -V`, e.g. "Asterisk 22.10.1+dfsg" -> 22. */
export const majorVersion = (output: string): number | undefined => {
  const digits = /^Asterisk (?:certified\/)?(\d+)\./.exec(output)?.[1]
  return digits === undefined ? undefined : Number(digits)
}

function systemAsterisk(): AsteriskBinary | undefined {
  const version = majorVersion(spawnSync('asterisk', ['-V'], { encoding: 'utf8' }).stdout ?? '')
  const documentationDirectory = ['/usr/share/asterisk/documentation', '/var/lib/asterisk/documentation'].find(existsSync)
  if (version === undefined || version < oldestMajor || !documentationDirectory) return undefined
  return { command: 'asterisk', leadingArguments: [], modulesDirectory: undefined, documentationDirectory }
}

function privateAsterisk(rootDirectory: string): AsteriskBinary | undefined {
  const libraryRoot = join(rootDirectory, 'usr/lib')
  if (!existsSync(libraryRoot)) return undefined
  // Debian's folder per architecture, e.g. usr/lib/x86_64-linux-gnu
  const libraries = readdirSync(libraryRoot)
    .map((architecture) => join(libraryRoot, architecture))
    .find((directory) => existsSync(join(directory, 'asterisk/modules')))
  if (!libraries) return undefined
  const loader = readdirSync(libraries).find((name) => /^ld-linux-.*\.so\.\d+$/.test(name))
  if (!loader) return undefined
  return {
    command: join(libraries, loader),
    leadingArguments: ['--library-path', libraries, join(rootDirectory, 'usr/sbin/asterisk')],
    modulesDirectory: join(libraries, 'asterisk/modules'),
    documentationDirectory: join(rootDirectory, 'usr/share/asterisk/documentation'),
  }
}
