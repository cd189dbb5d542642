/**
 * The house's TypeScript files as data: where they lie, how long they are, what they import, their code without comments.
 * Read once for test/architecture.test.ts. Relies on Biome's formatting: one quoted specifier per `from`.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'

export interface Import {
  /** As written. */
  specifier: string
  /** The package's name; undefined for a file of ours. */
  package: string | undefined
  /** Path from the checkout's root; undefined for a package. */
  file: string | undefined
  /** Gone when the code runs. */
  typeOnly: boolean
}

export interface SourceFile {
  file: string
  lines: number
  imports: Import[]
  code: string
}

export function readSourceTree(checkout: string, rooms: string[]): SourceFile[] {
  return rooms
    .flatMap((room) => readdirSync(join(checkout, room), { recursive: true, encoding: 'utf8' }).map((path) => join(room, path)))
    .filter((file) => file.endsWith('.ts'))
    .sort()
    .map((file) => readSource(file, readFileSync(join(checkout, file), 'utf8')))
}

export function readSource(file: string, text: string): SourceFile {
  const code = withoutComments(text)
  const found = code.matchAll(/\b(?:import|export)\s+(type\s+)?([^'";]*?\bfrom\s*)?'([^']+)'|\bimport\(\s*'([^']+)'\s*\)/g)
  const imports = [...found].map(([, type, names, written, dynamic]): Import => {
    const specifier = written ?? dynamic ?? ''
    const own = specifier.startsWith('.')
    return {
      specifier,
      file: own ? normalize(join(dirname(file), specifier)) : undefined,
      package: own ? undefined : packageName(specifier),
      typeOnly: type !== undefined || (names !== undefined && onlyTypes(names)),
    }
  })
  return { file, lines: text.split('\n').length - 1, imports, code }
}

/** `{ type A, type B } from` imports nothing that runs. */
function onlyTypes(names: string): boolean {
  const inner = /^\s*\{([^}]*)\}\s*from\s*$/.exec(names)?.[1]
  const all =
    inner
      ?.split(',')
      .map((name) => name.trim())
      .filter(Boolean) ?? []
  return all.length > 0 && all.every((name) => name.startsWith('type '))
}

function packageName(specifier: string): string {
  if (specifier.startsWith('node:')) return specifier
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

/** Strings stay as they are, so that a `//` inside one does not count as a comment. */
function withoutComments(text: string): string {
  const token = /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\[\s\S]|[^`\\])*`|\/\/[^\n]*|\/\*[\s\S]*?\*\//g
  return text.replaceAll(token, (found) => (found.startsWith('//') || found.startsWith('/*') ? ' ' : found))
}

/** Files that import each other in a ring, each ring once, in the order of the imports. */
export function importCircles(files: SourceFile[]): string[][] {
  const byName = new Map(files.map((source) => [source.file, source]))
  const done = new Set<string>()
  const circles: string[][] = []
  const visit = (file: string, path: string[]) => {
    const at = path.indexOf(file)
    if (at >= 0) circles.push([...path.slice(at), file])
    if (at >= 0 || done.has(file)) return
    for (const next of byName.get(file)?.imports ?? []) if (next.file) visit(next.file, [...path, file])
    done.add(file)
  }
  for (const { file } of files) visit(file, [])
  return circles
}
