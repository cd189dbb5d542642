/** Asks the switch itself, past the engine. */
export async function askAri<T>(ariUrl: string, path: string): Promise<T> {
  const { username, password, origin } = new URL(ariUrl)
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
  const response = await fetch(`${origin}/ari/${path}`, { headers: { authorization } })
  if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${await response.text()}`)
  return JSON.parse(await response.text())
}
