import { Readable } from 'node:stream'
import fc from 'fast-check'
import t from 'tap'
import { type BrokenLine, type CsvLine, type CsvOptions, detectDelimiter, readCsv } from './csv-lines.ts'

async function read(file: string | Buffer, options: CsvOptions = {}, chunk = 1000): Promise<(CsvLine | BrokenLine)[]> {
  const bytes = Buffer.from(file)
  const chunks = Array.from({ length: Math.ceil(bytes.length / chunk) }, (_, i) => bytes.subarray(i * chunk, (i + 1) * chunk))
  const lines: (CsvLine | BrokenLine)[] = []
  for await (const line of readCsv(Readable.from(chunks), options)) lines.push(line)
  return lines
}

t.test('lines, delimiters, quotes', async (t) => {
  t.same(await read('a;b\r\n\r\n1;"x;y"\n'), [
    { line: 1, fields: ['a', 'b'] },
    { line: 3, fields: ['1', 'x;y'] },
  ])
  t.same(await read('a\tb\n"1 ""x"""\t\n'), [
    { line: 1, fields: ['a', 'b'] },
    { line: 2, fields: ['1 "x"', ''] },
  ])
  t.equal(detectDelimiter('"a,b";c'), ';')
  t.equal(detectDelimiter('one'), ';')
})

t.test('an unclosed quote costs its own line only', async (t) => {
  t.match(await read('a,b\n1,"x\n2,y\n3,"z"\n'), [
    {},
    { line: 2, code: 'quotes' },
    { line: 3, fields: ['2', 'y'] },
    { line: 4, fields: ['3', 'z'] },
  ])
  const long = `a,b\n1,"x\n${Array.from({ length: 60 }, (_, i) => `${i},y\n`).join('')}`
  const lines = await read(long)
  t.equal(lines.length, 62)
  t.equal(lines.filter((line) => 'code' in line).length, 1)
})

t.test('a line without an end is thrown away, not kept in memory', async (t) => {
  const lines = await read(`a,b\n${'x'.repeat(3_000_000)}\n1,2\n`, {}, 65_536)
  t.match(lines, [{ line: 1 }, { line: 2, code: 'line_too_long' }, { line: 3, fields: ['1', '2'] }])
})

t.test('what is written as CSV is read back, however the bytes are cut and whatever is broken in between', async (t) => {
  const field = fc.string({ unit: fc.constantFrom('a', 'ż', '"', ';', ',', ' ', '\n', '1'), maxLength: 6 })
  const rows = fc.array(fc.array(field, { minLength: 2, maxLength: 3 }), { minLength: 1, maxLength: 6 })
  const quote = (text: string) => (/[";\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)
  await fc.assert(
    fc.asyncProperty(rows, fc.integer({ min: 1, max: 9 }), async (rows, chunk) => {
      const solid = rows.filter((row) => row.join('').trim() !== '')
      const file = `h1;h2\n${solid.map((row) => `${row.map(quote).join(';')}\n`).join('')}`
      const lines = await read(file, { delimiter: ';', encoding: 'utf-8' }, chunk)
      t.same(
        lines.slice(1).map((line) => ('fields' in line ? line.fields : line.code)),
        solid,
      )
    }),
    { seed: 20261122, numRuns: 300 },
  )
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), fc.integer({ min: 1, max: 50 }), async (bytes, chunk) => {
      // Anything at all: no exception but the one for UTF-16, and the line after the rubbish is read.
      const lines = await read(Buffer.concat([Buffer.from('a;b\n'), Buffer.from(bytes), Buffer.from('\n1;2\n')]), {}, chunk)
      t.match(lines.at(-1), { fields: ['1', '2'] })
    }),
    { seed: 20261122, numRuns: 300 },
  )
})
