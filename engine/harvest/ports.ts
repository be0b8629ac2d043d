import type { BookOrigin, CollectedFrom, FetchFault } from '#schemas/harvest.js'

/** Who is asked over a network. */
export type Source = Exclude<CollectedFrom, 'internal'>

/** One request. */
export interface HttpRequest {
  readonly url: string
  readonly method: 'GET' | 'POST'
  /** JSON, of a POST. */
  readonly body?: string
}

/** What came of one request. */
export type HttpAnswer =
  | {
      readonly tag: 'answer'
      readonly status: number
      readonly text: string
      /** How long the server wants to hear nothing, ms; undefined where it says nothing of use. */
      readonly retryAfterMs?: number | undefined
    }
  | { readonly tag: 'failed'; readonly why: 'network' | 'stopped'; readonly message: string }

/** The way to the sources. Never rejects; once `signal` aborts it answers soon. */
export interface HttpPort {
  readonly ask: (request: HttpRequest, signal: AbortSignal) => Promise<HttpAnswer>
}

/** A book at one moment: prices in 1e-4 dollar, sizes in 1e-6 share, flat in pairs, best first. */
export interface SampledBook {
  readonly bids: readonly number[]
  readonly asks: readonly number[]
  /** Price of the last trade; −1: not said. */
  readonly last: number
  /** The venue's time of it, ms; 0: not said. */
  readonly atMs: number
}

/** Books that the market channel keeps, of those tokens that it speaks of. */
export interface LiveBooks {
  /** The book of a token by its venue's id; undefined where there is none that is trusted. */
  readonly book: (token: string) => SampledBook | undefined
}

/** Why something could not be had. */
export interface Failure {
  readonly fault: FetchFault
  readonly message: string
}

/** What was asked for, with all tries. */
export type Fetched =
  | {
      readonly tag: 'ok'
      readonly value: unknown
      readonly text: string
      readonly http: number
      readonly attempts: number
    }
  | ({ readonly tag: 'failed'; readonly http: number; readonly attempts: number } & Failure)

/** Books by token, and where they were taken from. */
export type Sampled = ReadonlyMap<string, SampledBook & { readonly from: BookOrigin }>
