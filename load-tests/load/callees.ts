/** Numbers to dial by the thousand, all different, all ending in the digits of one callee of endings.ts. */

/** person_brief: answers at once without audio, hangs up after 1.5 s. */
const briefDigits = '19'

/** Area codes of Polish cities; behind each there is room for so many numbers. */
const areas = ['22', '12', '32', '42', '58', '61', '71', '81', '85', '91']
const perArea = 80_000

export function calleeNumber(n: number, digits = briefDigits): string {
  const area = areas[Math.floor(n / perArea) % areas.length] ?? ''
  return `+48${area}${2_000_000 + (n % perArea) * 100 + Number(digits)}`
}

/** Lines of a list, from the n-th callee on. */
export function calleesCsv(from: number, count: number, digits = briefDigits): string {
  const lines = Array.from({ length: count }, (_, n) => `load${from + n},Load ${from + n},${calleeNumber(from + n, digits)}`)
  return ['external_id,name,phone1', ...lines].join('\n')
}
