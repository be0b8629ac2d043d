import { booksIn } from './decode/books.js'
import type { Fetcher } from './fetcher.js'
import type { Outcome } from './jobs/outcome.js'
import type { LiveBooks, SampledBook, Sampled } from './ports.js'

/** Most ids of one request for books: the venue limits its body. */
const BATCH_MAX = 250
/** A request is refused for one of these where an id of it cannot be read, or it is too large. */
const OF_THE_BATCH = new Set([400, 413])

/** Books of tokens as they are now: from the market channel where it keeps them, else from REST. */
export class BookDesk {
  readonly #fetcher: Fetcher
  readonly #live: LiveBooks | undefined

  constructor(of: { fetcher: Fetcher; live: LiveBooks | undefined }) {
    this.#fetcher = of.fetcher
    this.#live = of.live
  }

  /** Those that nobody gives are missing; why stands in the outcome. */
  async sample(tokens: readonly string[], out: Outcome): Promise<Sampled> {
    const books = new Map<string, SampledBook & { readonly from: 'channel' | 'rest' }>()
    const others: string[] = []
    for (const token of tokens) {
      const book = this.#live?.book(token)
      if (book) books.set(token, { ...book, from: 'channel' })
      else others.push(token)
    }
    for (let k = 0; k < others.length; k += BATCH_MAX)
      for (const [token, book] of await this.#batch(others.slice(k, k + BATCH_MAX), out))
        books.set(token, { ...book, from: 'rest' })
    return books
  }

  /** A batch that is refused as a whole is asked for in halves. */
  async #batch(
    tokens: readonly string[],
    out: Outcome,
  ): Promise<(readonly [string, SampledBook])[]> {
    const body = JSON.stringify(tokens.map(token_id => ({ token_id })))
    const fetched = await this.#fetcher.post('clob', '/books', body)
    if (fetched.tag === 'failed' && OF_THE_BATCH.has(fetched.http) && tokens.length > 1) {
      out.attempts += fetched.attempts
      const half = tokens.length >> 1
      const first = await this.#batch(tokens.slice(0, half), out)
      return [...first, ...(await this.#batch(tokens.slice(half), out))]
    }
    const answer = out.answered(fetched)
    if (!answer) return []
    const wanted = new Set(tokens)
    const books = booksIn(answer.value, out.refused)
    if (!books) out.misshaped('a list of books')
    return (books ?? []).filter(([token]) => wanted.has(token))
  }
}
