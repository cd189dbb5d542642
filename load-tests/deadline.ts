/** A promise that must come true in time; tests and readiness checks wait with it instead of sleeping. */
export async function within<T>(deadlineMs: number, what: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${deadlineMs} ms in vain for ${what}`)), deadlineMs)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Looks every 50 ms until there is something; for what tells nobody when it changes, such as a log file. */
export function eventually<T>(deadlineMs: number, what: string, look: () => Promise<T | undefined>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const found = new Promise<T>((done, failed) => {
    const again = () =>
      look().then((result) => {
        if (result === undefined) timer = setTimeout(again, 50)
        else done(result)
      }, failed)
    void again()
  })
  return within(deadlineMs, what, found).finally(() => clearTimeout(timer))
}
