/** One table of endings: the scenario plays it, and the README prints it. */
import { readFile } from 'node:fs/promises'
import t from 'tap'
import { type Ending, endingOf, endings } from './endings.ts'

const near = (name: string) => new URL(name, import.meta.url)

t.test('carrier.xml knows exactly these digits, and has a part for each', async (t) => {
  const scenario = await readFile(near('./sipp-scenarios/carrier.xml'), 'utf8')
  const known = [...scenario.matchAll(/assign_to="ends(\d\d)"/g)].map((match) => match[1])
  t.same(
    known,
    endings.map(({ digits }) => digits).filter((digits) => digits !== '10'),
  )
  for (const ending of endings) {
    if (ending.digits === '10') continue
    t.match(scenario, new RegExp(`test="ends${ending.digits}"`), ending.digits)
  }
})

t.test('README.md prints the table as it is', async (t) => {
  const readme = await readFile(near('./README.md'), 'utf8')
  const rows = [...readme.matchAll(/^\| (\d\d) \|.*$/gm)].map(([row]) => row)
  const seconds = (ending: Ending) => (ending.talkSeconds === null ? '' : ` ${ending.talkSeconds}`)
  t.same(
    rows,
    endings.map(
      (ending: Ending) => `| ${ending.digits} | ${ending.plays} | ${ending.behaviour} |${seconds(ending)} | ${ending.expected} |`,
    ),
  )
})

t.test('numbers with other ends are people', async (t) => {
  t.equal(endingOf('+48501234530').plays, 'busy')
  t.equal(endingOf('+48501234577').plays, 'person')
  t.equal(new Set(endings.map(({ digits }) => digits)).size, endings.length)
})
