/**
 * docs/errors.md, rendered from the registry of errors. A test proves the page equal to it;
 * `npx tsx api/error-page.ts` writes it anew.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { errorRegistry } from '../dialer/errors.ts'

export const errorPagePath = join(import.meta.dirname, '..', 'docs', 'errors.md')

export function renderErrorPage(): string {
  const entries = Object.entries(errorRegistry).map(([code, entry]) => {
    const again = 'retryable' in entry ? 'yes' : 'no'
    return `| \`${code}\` | ${entry.status} | ${entry.sentence} | ${entry.whatToDo} | ${again} |`
  })
  return `# Errors

Every error of the API is \`application/problem+json\` (RFC 9457): \`code\` is for programs and never changes its meaning, \`detail\`
says what is wrong, \`whatToDo\` what helps, \`errors\` names each field that does not fit, \`retryable\` says whether the same request
may succeed later without a change, and \`reference\` finds the request in the log (it is also the header \`x-request-id\`).

\`\`\`json
{
  "type": "urn:outpace:problem:wrong_state", "title": "Wrong state", "status": 409, "code": "wrong_state",
  "detail": "The campaign is draft; pause is not possible now.", "whatToDo": "Possible from here: start.",
  "retryable": false, "reference": "0d5c1a52-3f3c-4f8c-9b0e-5b3a7a0c9a51"
}
\`\`\`

Words in braces are filled in. This page is made from dialer/errors.ts by api/error-page.ts.

| code | status | what is wrong | what to do | retryable |
|---|---|---|---|---|
${entries.join('\n')}
`
}

if (process.argv[1] === import.meta.filename) writeFileSync(errorPagePath, renderErrorPage())
