/** Proves docs/errors.md equal to the registry, and each entry of the registry fit to be read. */
import { readFileSync } from 'node:fs'
import t from 'tap'
import { errorRegistry } from '../dialer/errors.ts'
import { errorPagePath, renderErrorPage } from './error-page.ts'

t.test('the page is the registry', async (t) => {
  t.equal(readFileSync(errorPagePath, 'utf8'), renderErrorPage(), 'write it anew with: npx tsx api/error-page.ts')
})

t.test('every error is a sentence and says what to do', async (t) => {
  for (const [code, entry] of Object.entries(errorRegistry)) {
    t.match(entry.sentence, /^[A-Z].*\.$/, code)
    t.match(entry.whatToDo, /^[A-Z].{14,}\.$/, code)
    t.ok(entry.status >= 400 && entry.status < 600, code)
  }
})
