// Loaded into an engine under test by NODE_OPTIONS: its wall clock is off by what the file OUTPACE_TEST_CLOCK says, read at SIGUSR1.
import { readFileSync } from 'node:fs'

const real = Date.now
let offsetMs = 0
Date.now = () => real() + offsetMs
process.on('SIGUSR1', () => {
  offsetMs = Number(readFileSync(process.env.OUTPACE_TEST_CLOCK, 'utf8'))
})
