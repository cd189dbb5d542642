/** Sounds for the detector's tests: tones, noise, and something like speech (syllables of a moving pitch and vowels). */

const rate = 8000

export function quiet(seconds: number): Int16Array {
  return new Int16Array(Math.round(seconds * rate))
}

export function sine(hz: number, seconds: number, amplitude = 0.25, secondHz = 0): Int16Array {
  return quiet(seconds).map((_, n) => {
    const second = secondHz ? Math.sin((2 * Math.PI * secondHz * n) / rate) : 0
    return 32_767 * amplitude * (Math.sin((2 * Math.PI * hz * n) / rate) + second)
  })
}

/** Notes struck together, and dying away. */
export function chord(notesHz: readonly number[], seconds: number, amplitude = 0.05): Int16Array {
  return quiet(seconds).map((_, n) =>
    notesHz.reduce(
      (sum, hz) => sum + 32_767 * amplitude * Math.exp((-3 * n) / rate) * Math.sin((2 * Math.PI * hz * n) / rate),
      0,
    ),
  )
}

/** White noise of this amplitude, alone for some seconds or under other samples. */
export function noise(seconds: number, amplitude: number, under: Int16Array = quiet(seconds)): Int16Array {
  const random = seeded(7)
  return under.map((sample) => sample + 32_767 * amplitude * (2 * random() - 1))
}

/** Four syllables a second: harmonics of a gliding pitch, shaped by two formants, with short consonants between. */
export function said(seconds: number, seed = 1): Int16Array {
  const random = seeded(seed)
  const samples = quiet(seconds)
  const syllable = Math.round(0.25 * rate)
  let phase = 0
  for (let start = 0; start < samples.length; start += syllable) {
    const from = 110 + 110 * random()
    const glide = (random() - 0.4) * 60
    const formants = [300 + 500 * random(), 900 + 1300 * random()]
    const length = Math.min(syllable, samples.length - start)
    for (let n = 0; n < length; n++) {
      const part = n / syllable
      const hz = from + glide * part
      phase += hz / rate
      const envelope = part < 0.15 || (part > 0.85 && start + syllable < samples.length) ? 0.25 : 1
      let value = part < 0.15 ? 0.1 * (random() - 0.5) : 0
      for (let k = 1; k * hz < 3400; k++) {
        const gain = formants.reduce((sum, centre) => sum + 1 / (1 + ((k * hz - centre) / 120) ** 2), 0.02)
        value += 0.09 * gain * Math.sin(2 * Math.PI * k * phase)
      }
      samples[start + n] = Math.max(-32_768, Math.min(32_767, 32_767 * envelope * value))
    }
  }
  return samples
}

export function together(...parts: Int16Array[]): Int16Array {
  const whole = new Int16Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
