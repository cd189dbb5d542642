/** Lines of a CSV file as objects, by the names of its heading; an empty field says nothing, unknown columns are passed over. */
import { OutpaceError } from '../errors.ts'
import { type BrokenLine, readCsv } from './csv-lines.ts'

interface CsvObject {
  line: number
  values: Record<string, string>
}

interface Columns {
  /** Heading -> field of the object. */
  fields: Readonly<Record<string, string>>
  /** Groups of headings of which the file must have one each. */
  needed: readonly (readonly string[])[]
}

/** Throws `import_failed` where the heading does not fit, or the file is empty. */
export async function* readCsvObjects(
  source: AsyncIterable<Buffer | string>,
  { fields, needed }: Columns,
): AsyncGenerator<CsvObject | BrokenLine> {
  let heading: string[] | undefined
  for await (const record of readCsv(source, {})) {
    if (!heading) {
      const names = 'fields' in record ? record.fields.map((name) => name.trim().toLowerCase()) : []
      if (!needed.every((group) => group.some((name) => names.includes(name)))) {
        const wanted = needed.map((group) => group.join(' or ')).join(', and ')
        throw new OutpaceError('import_failed', { problem: `the heading must hold ${wanted}` })
      }
      heading = names
    } else if ('fields' in record) {
      const named = heading.flatMap((name, index) => {
        const field = fields[name]
        const text = record.fields[index]?.trim() ?? ''
        return field === undefined || text === '' ? [] : [[field, text] as const]
      })
      yield { line: record.line, values: Object.fromEntries(named) }
    } else yield record
  }
  if (!heading) throw new OutpaceError('import_failed', { problem: 'the file is empty' })
}
