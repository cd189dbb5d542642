/**
 * The folder of one Asterisk instance on disk: its own directories, the secret, the rendered configuration, and whose
 * they are. Called by asterisk-process.ts only.
 */
import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, lchownSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AsteriskBinary } from './asterisk-binary.ts'
import { type ConfigFiles, renderConfig } from './render.ts'
import { type AsteriskSettings, instanceFolders } from './settings.ts'

const templatesDirectory = join(import.meta.dirname, 'templates')

/** A user that Asterisk can run as. */
export interface SystemUser {
  name: string
  uid: number
  gid: number
}

/** Lays out the folder and writes the configuration. `changed`: what an already running Asterisk has read is out of date. */
export function writeInstance(settings: AsteriskSettings, binary: AsteriskBinary): { ariSecret: string; changed: boolean } {
  const folders = instanceFolders(settings.directory)
  for (const folder of Object.values(folders)) mkdirSync(folder, { recursive: true })
  mkdirSync(settings.soundsDirectory, { recursive: true })
  link(settings.soundsDirectory, join(folders.data, 'sounds'))
  link(binary.documentationDirectory, join(folders.data, 'documentation'))

  const ariSecret = ariSecretOf(settings)
  const files = renderConfig(readTemplates(), { ...settings, ariSecret, modulesDirectory: binary.modulesDirectory })
  let changed = false
  for (const [name, text] of Object.entries(files)) {
    const path = join(folders.etc, name)
    if (existsSync(path) && readFileSync(path, 'utf8') === text) continue
    changed = true
    writeFileSync(path, text, { mode: 0o600 })
  }
  return { ariSecret, changed }
}

/** Generated at the first call and kept, readable by its owner only. */
export function ariSecretOf(settings: AsteriskSettings): string {
  const path = join(settings.directory, 'ari-secret')
  mkdirSync(settings.directory, { recursive: true })
  if (!existsSync(path)) writeFileSync(path, randomBytes(24).toString('base64url'), { mode: 0o600 })
  return readFileSync(path, 'utf8')
}

/**
 * As root: gives the instance to the unprivileged user `asterisk` and returns him. undefined: Asterisk runs as whoever
 * runs this, because that is not root, there is no such user, or he cannot reach the folder (a checkout under /root).
 */
export function giveToUnprivilegedUser(settings: AsteriskSettings, binary: AsteriskBinary): SystemUser | undefined {
  const user = process.getuid?.() === 0 ? findUser('asterisk') : undefined
  if (!user) return undefined
  const folders = instanceFolders(settings.directory)
  for (const folder of Object.values(folders)) changeOwner(folder, user)
  const reaches = [
    ...['-r', join(folders.etc, 'asterisk.conf'), '-a', '-w', folders.run],
    ...['-a', '-x', settings.soundsDirectory, '-a', '-r', binary.documentationDirectory],
  ]
  if (spawnSync('test', reaches, { uid: user.uid, gid: user.gid }).status === 0) return user
  for (const folder of Object.values(folders)) changeOwner(folder, { uid: 0, gid: 0 })
  return undefined
}

const readTemplates = (): ConfigFiles =>
  Object.fromEntries(readdirSync(templatesDirectory).map((name) => [name, readFileSync(join(templatesDirectory, name), 'utf8')]))

function link(target: string, path: string) {
  rmSync(path, { force: true })
  symlinkSync(target, path)
}

function findUser(name: string): SystemUser | undefined {
  for (const line of readFileSync('/etc/passwd', 'utf8').split('\n')) {
    const [user, , uid, gid] = line.split(':')
    if (user === name) return { name, uid: Number(uid), gid: Number(gid) }
  }
  return undefined
}

function changeOwner(path: string, owner: { uid: number; gid: number }) {
  lchownSync(path, owner.uid, owner.gid)
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    const inner = join(path, entry.name)
    if (entry.isDirectory()) changeOwner(inner, owner)
    else lchownSync(inner, owner.uid, owner.gid)
  }
}
