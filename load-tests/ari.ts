/** Asks the switch itself, past the engine. */
export async function askAri<T>(ariUrl: string, path: string, method: 'GET' | 'DELETE' = 'GET'): Promise<T> {
  const { username, password, origin } = new URL(ariUrl)
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
  const response = await fetch(`${origin}/ari/${path}`, { method, headers: { authorization } })
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
  return JSON.parse((await response.text()) || 'null')
}
