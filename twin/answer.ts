/** An answer of the twin's REST. */
export interface Answer {
  readonly status: number
  readonly body: string
  readonly headers?: Readonly<Record<string, string>>
  /** Not answered at all: the connection stays as it is, or is reset. */
  readonly never?: 'hang' | 'reset'
}

/** 200 with a text that is JSON. */
export const ok = (body: string): Answer => ({ status: 200, body })

/** 200 with a value. */
export const said = (value: unknown): Answer => ok(JSON.stringify(value))

/** A failure in the venue's form. */
export const failure = (status: number, error: string): Answer => ({
  status,
  body: JSON.stringify({ error }),
})

/** No answer: the connection stays as it is. */
export const UNANSWERED: Answer = { ...failure(0, 'not answered'), never: 'hang' }

/** A failure that says when to come again, s. */
export const putOff = (status: number, error: string, afterS: number): Answer => ({
  ...failure(status, error),
  headers: { 'retry-after': String(afterS) },
})

/** A request of a client, as it came. */
export interface Asked {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** Exact bytes of its body, as text. */
  readonly body: string
}

/** Cursor of the first page, and the one behind the last. */
const [FIRST, END] = ['MA==', 'LTE=']
/** Entries of a page of orders or trades. */
const PAGE = 100

/** One page of a list behind its cursor; undefined where the cursor is none. */
export function cursorPage<T>(all: readonly T[], cursor: string | null): object | undefined {
  const at = cursor === null || cursor === '' ? FIRST : cursor
  if (at === END) return { data: [], next_cursor: END, limit: PAGE, count: 0 }
  const text = Buffer.from(at, 'base64').toString()
  if (!/^\d{1,9}$/.test(text)) return undefined
  const from = Number(text)
  const data = all.slice(from, from + PAGE)
  const next = from + PAGE < all.length ? Buffer.from(`${from + PAGE}`).toString('base64') : END
  return { data, next_cursor: next, limit: PAGE, count: data.length }
}

/** What a body holds; undefined where it is no JSON. */
export function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}
