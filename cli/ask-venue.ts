import { request } from 'undici'
import { Refusal } from './command.js'

/** Longest that one answer may take, ms. */
const TIMEOUT_MS = 5_000

/** One request to the venue, once, for a command that a person waits for. Throws a `Refusal` where there is no answer. */
export async function askVenue(
  base: string,
  of: {
    readonly method: 'GET' | 'POST'
    readonly path: string
    readonly headers?: Readonly<Record<string, string>>
    readonly body?: string
  },
): Promise<{ readonly status: number; readonly text: string }> {
  const url = `${base.replace(/\/$/, '')}${of.path}`
  const cut = new AbortController()
  const timer = setTimeout(() => {
    cut.abort(new Error(`no answer in ${TIMEOUT_MS} ms`))
  }, TIMEOUT_MS)
  try {
    const { statusCode: status, body } = await request(url, {
      ...{ method: of.method, signal: cut.signal },
      ...(of.headers && { headers: of.headers }),
      ...(of.body !== undefined && { body: of.body }),
    })
    return { status, text: await body.text() }
  } catch (error) {
    const why = error instanceof Error ? error.message || error.name : String(error)
    throw new Refusal('venue', `the venue cannot be asked: ${why}`, url, 'a venue that answers')
  } finally {
    clearTimeout(timer)
  }
}
