import type { Problem } from './shapes.js'

/** What the server refused, and why. */
export class Refused extends Error {
  readonly status: number
  readonly expected: string
  constructor({ status, detail, expected = '' }: Pick<Problem, 'status' | 'detail' | 'expected'>) {
    super(detail)
    this.status = status
    this.expected = expected
  }
}

/** Where the key is kept: for as long as this tab is open, and nowhere else. */
const KEY = 'polaris-key'
/** The key that was given; empty for none. */
export const keyOf = (): string => sessionStorage.getItem(KEY) ?? ''
/** Keeps it, or forgets it where it is empty. */
export const keepKey = (key: string): void => {
  if (key === '') sessionStorage.removeItem(KEY)
  else sessionStorage.setItem(KEY, key)
}

/** An answer, and how many entries there are in all where it is a page. */
export interface Answer<T> {
  readonly body: T
  readonly total: number
}

/** Parts of a question. */
export type Query = Readonly<Record<string, string | number | undefined>>

/** The address of a question. */
export function addressOf(path: string, query: Query = {}): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query))
    if (value !== undefined && value !== '') search.set(name, String(value))
  const text = search.toString()
  return `/api/${path}${text === '' ? '' : `?${text}`}`
}

const headers = (): Record<string, string> => {
  const key = keyOf()
  return key === '' ? {} : { 'x-api-key': key }
}

/** Asks; rejects with `Refused`. */
export async function ask<T>(address: string, signal?: AbortSignal): Promise<Answer<T>> {
  const answer = await fetch(address, { headers: headers(), ...(signal && { signal }) })
  if (!answer.ok) throw await refusalOf(answer)
  const body = (await answer.json()) as T // its form is the server's promise
  return { body, total: Number(answer.headers.get('x-total-count') ?? 0) }
}

/** Writes; rejects with `Refused`. */
export async function write<T>(address: string, body?: object): Promise<T> {
  const init = body
    ? { headers: { ...headers(), 'content-type': 'application/json' }, body: JSON.stringify(body) }
    : { headers: headers() }
  const answer = await fetch(address, { method: 'POST', ...init })
  if (!answer.ok) throw await refusalOf(answer)
  return (await answer.json()) as T
}

async function refusalOf(answer: Response): Promise<Refused> {
  const said = (await answer.json().catch(() => ({}))) as Partial<Problem>
  return new Refused({
    status: answer.status,
    detail: said.detail ?? answer.statusText,
    ...(said.expected !== undefined && { expected: said.expected }),
  })
}

/** One message of the stream. */
export interface StreamMessage {
  readonly id: number | undefined
  readonly event: string
  readonly data: Readonly<Record<string, unknown>>
}

const RETRY_MS = [500, 1_000, 2_000, 5_000]

/** Listens to a run until `signal` aborts; comes back by itself, with what it has seen last. */
export async function listen(
  run: string,
  {
    signal,
    onMessage,
    onState,
  }: {
    signal: AbortSignal
    onMessage: (message: StreamMessage) => void
    onState: (isOpen: boolean) => void
  },
): Promise<void> {
  let last: number | undefined
  for (let tries = 0; !signal.aborted; tries++) {
    try {
      const address = addressOf('stream', { run, after: last })
      const answer = await fetch(address, { headers: headers(), signal })
      if (!answer.ok || !answer.body) throw await refusalOf(answer)
      onState(true)
      tries = 0
      for await (const message of messagesIn(answer.body)) {
        last = message.id ?? last
        onMessage(message)
      }
    } catch {
      // Cut, refused or aborted: the loop decides whether to try again.
    }
    onState(false)
    await new Promise(done => setTimeout(done, RETRY_MS[Math.min(tries, RETRY_MS.length - 1)]))
  }
}

async function* messagesIn(body: ReadableStream<Uint8Array>): AsyncGenerator<StreamMessage> {
  const reader = body.getReader()
  const text = new TextDecoder()
  let rest = ''
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    rest += text.decode(value, { stream: true })
    const blocks = rest.split('\n\n')
    rest = blocks.pop() ?? ''
    for (const block of blocks) {
      const field = (name: string): string | undefined =>
        new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1]
      const [event, data, id] = [field('event'), field('data'), field('id')]
      if (event === undefined || data === undefined) continue
      const parsed = JSON.parse(data) as StreamMessage['data']
      yield { event, data: parsed, id: id === undefined ? undefined : Number(id) }
    }
  }
}
