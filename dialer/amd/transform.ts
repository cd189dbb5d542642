/**
 * The discrete Fourier transform of real samples: a complex one of half the size (radix 2, in place) over the even and
 * odd samples, taken apart afterwards. Tables and work space are made once for a size. Pure arithmetic.
 */

export interface RealTransform {
  /** Of bins 0 to size / 2; overwritten by the next `of`. */
  readonly real: Float64Array
  readonly imaginary: Float64Array
  of(samples: Float64Array): void
}

export function createRealTransform(size: number): RealTransform {
  const half = size / 2
  const bits = Math.log2(half)
  const reversed = Uint16Array.from({ length: half }, (_, index) => {
    let mirrored = 0
    for (let bit = 0; bit < bits; bit++) mirrored |= ((index >> bit) & 1) << (bits - 1 - bit)
    return mirrored
  })
  const cosine = Float64Array.from({ length: half + 1 }, (_, k) => Math.cos((2 * Math.PI * k) / size))
  const sine = Float64Array.from({ length: half + 1 }, (_, k) => -Math.sin((2 * Math.PI * k) / size))
  const re = new Float64Array(half)
  const im = new Float64Array(half)
  const real = new Float64Array(half + 1)
  const imaginary = new Float64Array(half + 1)

  function butterflies(): void {
    for (let span = 1; span < half; span *= 2) {
      const step = half / span
      for (let start = 0; start < half; start += 2 * span) {
        for (let k = 0; k < span; k++) {
          const c = cosine[k * step] ?? 0
          const s = sine[k * step] ?? 0
          const low = start + k
          const high = low + span
          const hr = re[high] ?? 0
          const hi = im[high] ?? 0
          const r = hr * c - hi * s
          const i = hr * s + hi * c
          const lr = re[low] ?? 0
          const li = im[low] ?? 0
          re[high] = lr - r
          im[high] = li - i
          re[low] = lr + r
          im[low] = li + i
        }
      }
    }
  }

  return {
    real,
    imaginary,
    of(samples) {
      for (let n = 0; n < half; n++) {
        const from = 2 * (reversed[n] ?? 0)
        re[n] = samples[from] ?? 0
        im[n] = samples[from + 1] ?? 0
      }
      butterflies()
      for (let k = 0; k <= half; k++) {
        const ar = re[k % half] ?? 0
        const ai = im[k % half] ?? 0
        const br = re[(half - k) % half] ?? 0
        const bi = -(im[(half - k) % half] ?? 0)
        const oddR = (ai - bi) / 2
        const oddI = (br - ar) / 2
        const c = cosine[k] ?? 0
        const s = sine[k] ?? 0
        real[k] = (ar + br) / 2 + oddR * c - oddI * s
        imaginary[k] = (ai + bi) / 2 + oddR * s + oddI * c
      }
    },
  }
}
