/** The corpus' recipe: no voice is in two parts, and the packages are named whole. */
import t from 'tap'
import { packages, recordedVoices, robotThroats } from './sources.ts'

t.test('a voice is in one part', async (t) => {
  const parts = new Map<string, Set<string>>()
  const enter = (voice: string, part: string) => parts.set(voice, (parts.get(voice) ?? new Set()).add(part))
  for (const { id, part } of recordedVoices) enter(id, part)
  for (const [part, throats] of Object.entries(robotThroats)) for (const throat of throats) enter(`robot ${throat}`, part)
  t.same(
    [...parts].filter(([, { size }]) => size > 1).map(([voice]) => voice),
    [],
  )
  // One person may speak two languages, one set of files has one voice.
  const sets = recordedVoices.map((voice) => `${voice.package} ${voice.path}`)
  t.equal(new Set(sets).size, sets.length)
})

t.test('packages have a version and a hash, and every voice one of them', async (t) => {
  for (const { name, version, sha256 } of packages) {
    t.match(sha256, /^[0-9a-f]{64}$/, name)
    t.ok(version)
  }
  const named = new Set<string>(packages.map(({ name }) => name))
  for (const voice of recordedVoices) t.ok(named.has(voice.package), voice.id)
})
