/**
 * Bytes of a CSV file -> its lines as fields, streaming, with the line number each began on. A line that is broken comes out
 * as a refusal and the next one is read as if nothing had been: an unclosed quote costs its own line, not the file.
 * Finds the encoding (UTF-8 or Windows-1250) at the first letter beyond ASCII. Called by import.ts.
 */
import { isUtf8 } from 'node:buffer'
import { parse } from 'csv-parse/sync'
import { OutpaceError } from '../errors.ts'

export type Encoding = 'utf-8' | 'windows-1250'
export type Delimiter = ',' | ';' | '\t'

export interface CsvLine {
  /** Counted from 1, the heading included. */
  line: number
  fields: string[]
}

export interface BrokenLine {
  line: number
  code: 'encoding' | 'line_too_long' | 'quotes' | 'control_character'
  reason: string
}

const longestLine = 100_000
/** A quoted field may go on over so many lines. */
const longestRecordLines = 20
const newline = 10

interface RawLine {
  line: number
  /** undefined: over the limit, its bytes were thrown away. */
  bytes: Buffer | undefined
}

async function* splitLines(source: AsyncIterable<Buffer | string>): AsyncGenerator<RawLine> {
  let rest: Buffer[] = []
  let restBytes = 0
  let line = 1
  const take = () => {
    const bytes = restBytes > longestLine ? undefined : Buffer.concat(rest)
    rest = []
    restBytes = 0
    return { line: line++, bytes }
  }
  const keep = (bytes: Buffer) => {
    restBytes += bytes.length
    if (restBytes <= longestLine) rest.push(bytes)
    else rest = []
  }
  for await (const chunk of source) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk
    let start = 0
    for (let end = bytes.indexOf(newline); end >= 0; end = bytes.indexOf(newline, start)) {
      keep(bytes.subarray(start, end))
      yield take()
      start = end + 1
    }
    if (start < bytes.length) keep(Buffer.from(bytes.subarray(start)))
  }
  if (restBytes > 0) yield take()
}

type TextLine = { line: number; text: string } | BrokenLine

function createDecoder(given: Encoding | undefined) {
  let encoding = given
  const windows = new TextDecoder('windows-1250')
  return ({ line, bytes }: RawLine): TextLine => {
    if (!bytes) return { line, code: 'line_too_long', reason: `the line is longer than ${longestLine} bytes` }
    if (line === 1 && ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)))
      throw new OutpaceError('import_failed', { problem: 'it is in UTF-16; save it as "CSV UTF-8" or in Windows-1250' })
    const valid = isUtf8(bytes)
    // Plain ASCII reads the same in both and decides nothing.
    if (!encoding && bytes.some((byte) => byte > 127)) encoding = valid ? 'utf-8' : 'windows-1250'
    if (encoding !== 'windows-1250' && !valid)
      return { line, code: 'encoding', reason: 'the line is not in UTF-8, as the lines before it or the given encoding' }
    const text = (encoding === 'windows-1250' ? windows.decode(bytes) : bytes.toString('utf8')).replace(/\r$/, '')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
    if (/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/.test(text))
      return { line, code: 'control_character', reason: 'the line holds control characters: wrong encoding, or not a text file' }
    return { line, text: line === 1 ? text.replace(/^\ufeff/, '') : text }
  }
}

/** The mark that parts the heading into the most columns. */
export function detectDelimiter(heading: string): Delimiter {
  const unquoted = heading.replaceAll(/"[^"]*"/g, '')
  const marks: Delimiter[] = [';', ',', '\t']
  return marks.reduce((best, mark) => (unquoted.split(mark).length > unquoted.split(best).length ? mark : best))
}

const quotesIn = (text: string) => text.split('"').length - 1

export interface CsvOptions {
  delimiter?: Delimiter | undefined
  encoding?: Encoding | undefined
}

export async function* readCsv(
  source: AsyncIterable<Buffer | string>,
  { delimiter: given, encoding }: CsvOptions,
): AsyncGenerator<CsvLine | BrokenLine> {
  const decode = createDecoder(encoding)
  const raw = splitLines(source)
  const ahead: TextLine[] = []
  let delimiter = given
  const next = async (): Promise<TextLine | undefined> => {
    const { value } = await raw.next()
    return value ? decode(value) : undefined
  }
  for (let first = await next(); first; first = ahead.shift() ?? (await next())) {
    if (!('text' in first)) {
      yield first
      continue
    }
    if (first.text.trim() === '') continue
    delimiter ??= detectDelimiter(first.text)
    if (!first.text.includes('"')) {
      yield { line: first.line, fields: first.text.split(delimiter) }
      continue
    }
    const parts = [first.text]
    let quotes = quotesIn(first.text)
    for (let i = 0; quotes % 2 === 1 && parts.length < longestRecordLines; i += 1) {
      const more = ahead[i] ?? (await next())
      if (!more) break
      if (ahead.length <= i) ahead.push(more)
      if (!('text' in more)) break
      parts.push(more.text)
      quotes += quotesIn(more.text)
    }
    const fields = quotes % 2 === 0 ? parseQuoted(parts.join('\n'), delimiter) : 'a quote is opened and not closed'
    if (typeof fields === 'string') {
      yield { line: first.line, code: 'quotes', reason: fields }
    } else {
      ahead.splice(0, parts.length - 1)
      yield { line: first.line, fields }
    }
  }
}

/** The fields, or what is wrong. */
function parseQuoted(text: string, delimiter: Delimiter): string[] | string {
  try {
    const records: unknown = parse(text, { delimiter, relax_column_count: true })
    const [fields] = Array.isArray(records) ? records : []
    return Array.isArray(fields) ? fields.map(String) : 'the line is empty'
  } catch {
    return 'the quotes in this line do not fit'
  }
}
