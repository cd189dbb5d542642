/** Jobs run at their time, and one that fails is said and does not end the others. The clock of the machine, once a second. */
import { pino } from 'pino'
import t from 'tap'
import { createCalendar } from './calendar.ts'

t.test('runs, survives a failure, stops', async (t) => {
  const said: string[] = []
  const calendar = createCalendar({ log: pino({ level: 'error' }, { write: (line: string) => said.push(line) }) })
  let runs = 0
  const twice = new Promise<void>((done) => {
    calendar.every('* * * * * *', 'counting', async () => {
      runs += 1
      if (runs === 2) done()
      throw new Error('no luck')
    })
  })
  await twice
  await calendar.stop()
  t.match(said.join(''), /"job":"counting","err":"no luck","msg":"a job of the calendar failed"/)
})
