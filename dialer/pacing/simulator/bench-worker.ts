/** A worker process of bench-pacing.ts: is sent the number of a cell, sends back its result, until told to stop. */
import { allCells } from './cells.ts'
import { runCell } from './run-cell.ts'

const cells = allCells()
process.on('message', (index: number) => {
  const cell = cells[index]
  if (cell) process.send?.(runCell(cell))
})
