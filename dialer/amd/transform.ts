/** The fast Fourier transform in place (radix 2), with its tables made once for a size. Pure arithmetic. */

export function createTransform(size: number): (real: Float64Array, imaginary: Float64Array) => void {
  const bits = Math.log2(size)
  const reversed = Uint16Array.from({ length: size }, (_, index) => {
    let mirrored = 0
    for (let bit = 0; bit < bits; bit++) mirrored |= ((index >> bit) & 1) << (bits - 1 - bit)
    return mirrored
  })
  const cosine = Float64Array.from({ length: size / 2 }, (_, k) => Math.cos((2 * Math.PI * k) / size))
  const sine = Float64Array.from({ length: size / 2 }, (_, k) => -Math.sin((2 * Math.PI * k) / size))

  return (real, imaginary) => {
    for (let index = 0; index < size; index++) {
      const other = reversed[index] ?? 0
      if (other <= index) continue
      const r = real[index] ?? 0
      const i = imaginary[index] ?? 0
      real[index] = real[other] ?? 0
      imaginary[index] = imaginary[other] ?? 0
      real[other] = r
      imaginary[other] = i
    }
    for (let half = 1; half < size; half *= 2) {
      const step = size / (2 * half)
      for (let start = 0; start < size; start += 2 * half) {
        for (let k = 0; k < half; k++) {
          const c = cosine[k * step] ?? 0
          const s = sine[k * step] ?? 0
          const low = start + k
          const high = low + half
          const hr = real[high] ?? 0
          const hi = imaginary[high] ?? 0
          const r = hr * c - hi * s
          const i = hr * s + hi * c
          const lr = real[low] ?? 0
          const li = imaginary[low] ?? 0
          real[high] = lr - r
          imaginary[high] = li - i
          real[low] = lr + r
          imaginary[low] = li + i
        }
      }
    }
  }
}
