/**
 * Does a figure grow? Least squares through the means of equal blocks of time, so that neighbouring samples do not pass for
 * independent ones, with the 95 % interval of the slope (Student's t). Pure.
 */

export interface Sample {
  /** Hours since the start. */
  hours: number
  value: number
}

export interface Trend {
  perHour: number
  low: number
  high: number
}

const blocks = 12
/** Student's t at 97.5 % with blocks - 2 degrees of freedom. */
const studentT = 2.228

export function trendOf(samples: readonly Sample[]): Trend {
  const points = blockMeans(samples)
  const n = points.length
  const meanX = points.reduce((sum, { hours }) => sum + hours, 0) / n
  const meanY = points.reduce((sum, { value }) => sum + value, 0) / n
  const spread = points.reduce((sum, { hours }) => sum + (hours - meanX) ** 2, 0)
  const perHour = points.reduce((sum, { hours, value }) => sum + (hours - meanX) * (value - meanY), 0) / spread
  const residual = points.reduce((sum, { hours, value }) => sum + (value - meanY - perHour * (hours - meanX)) ** 2, 0)
  const error = studentT * Math.sqrt(residual / (n - 2) / spread)
  return { perHour, low: perHour - error, high: perHour + error }
}

function blockMeans(samples: readonly Sample[]): Sample[] {
  return Array.from({ length: blocks }, (_, block) => {
    const part = samples.slice(Math.floor((block * samples.length) / blocks), Math.floor(((block + 1) * samples.length) / blocks))
    const mean = (of: (sample: Sample) => number) => part.reduce((sum, sample) => sum + of(sample), 0) / part.length
    return { hours: mean(({ hours }) => hours), value: mean(({ value }) => value) }
  })
}
