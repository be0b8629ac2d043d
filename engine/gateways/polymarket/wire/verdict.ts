import type { Reject, VenueCondition } from '#schemas/reasons.js'
import { hashIn, isObject, jsonOf, microIn, textIn } from './texts.js'

/** What an answer to a submission means. Sizes in 1e-6 share or dollar. */
export type Verdict =
  /** It rests; or, of an immediate order, nobody can say yet. */
  | { readonly tag: 'live'; readonly hash: string }
  | {
      readonly tag: 'matched'
      readonly hash: string
      /** What it gave and got; undefined where the venue does not say. */
      readonly making: number | undefined
      readonly taking: number | undefined
    }
  /** It was taken, and is matched later. */
  | { readonly tag: 'delayed'; readonly hash: string }
  /** An immediate order that met nothing: its defined end. */
  | { readonly tag: 'killed' }
  | {
      readonly tag: 'refused'
      readonly reason: Reject
      readonly detail: string
      readonly condition?: { readonly name: VenueCondition; readonly forMs: number }
    }
  /** Nobody knows: it may have been executed. */
  | { readonly tag: 'unknown'; readonly why: string }

/** An answer over HTTP. */
export interface HttpAnswer {
  readonly status: number
  readonly text: string
  /** `Retry-After`, ms; undefined where it says nothing of use. */
  readonly retryAfterMs: number | undefined
}

/** How long a restart of the matching engine is taken to last where the venue does not say: it announces some 90 s, and more come soon. */
const RESTART_MS = 15_000
/** Post-only mode after a restart lasts two minutes. */
const POST_ONLY_MS = 120_000
/** Before a venue that takes no orders is tried again. */
const UNAVAILABLE_MS = 15_000
/** Before credentials that were refused are tried again. */
const UNAUTHORIZED_MS = 30_000

/** Texts of an immediate order's defined end, which comes as 400. They are labels: a text that changes makes it a refusal. */
const KILLED = [/couldn't be fully filled/i, /no orders found to match/i]
/** The venue has this very order already. */
const DUPLICATED = /duplicated/i

/**
 * What the answer to one submission means. Only a 4xx, and a 503 in the venue's own words, say that nothing happened; a 200 is an acceptance
 * when it names our order, has no error and a status that is one. Everything else is unknown.
 * Source: Polymarket error codes and matching-engine pages, field reports, 2026-10.
 */
export function verdictOf(answer: HttpAnswer): Verdict {
  const { status, text } = answer
  const body = jsonOf(text)
  if (status >= 200 && status < 300) return acceptedOf(body)
  const detail = errorIn(body)
  if (status === 425)
    return refused('venue-unavailable', detail, 'restarting', answer.retryAfterMs ?? RESTART_MS)
  if (status === 429) return refused('rate-limited', detail)
  if (status === 401) return refused('unauthorized', detail, 'unauthorized', UNAUTHORIZED_MS)
  if (status === 503 && isObject(body) && detail !== '') {
    const isPostOnly = textIn(body, 'code') === 'post_only_mode'
    const forMs = answer.retryAfterMs ?? secondsIn(body)
    return isPostOnly
      ? refused('venue-unavailable', detail, 'post-only', forMs ?? POST_ONLY_MS)
      : refused('venue-unavailable', detail, 'unavailable', forMs ?? UNAVAILABLE_MS)
  }
  if (status >= 400 && status < 500 && isObject(body)) return refusedWith(detail)
  return { tag: 'unknown', why: `status ${status}: ${(detail || text).slice(0, 200)}` }
}

/** What the answer to a batch means, entry by entry: `count` of them, in the order in which they were sent. */
export function verdictsOf(answer: HttpAnswer, count: number): Verdict[] {
  const body = answer.status >= 200 && answer.status < 300 ? jsonOf(answer.text) : undefined
  if (!Array.isArray(body)) {
    // What is refused as a whole is refused entry by entry; a body that is no list leaves all of them unknown.
    const isOk = answer.status >= 200 && answer.status < 300
    const one: Verdict = isOk
      ? { tag: 'unknown', why: 'an answer that is no list' }
      : verdictOf(answer)
    return new Array<Verdict>(count).fill(one)
  }
  const entries = body as readonly unknown[]
  if (entries.length !== count)
    return new Array<Verdict>(count).fill({
      tag: 'unknown',
      why: `${entries.length} answers to ${count} orders`,
    })
  return entries.map(acceptedOf)
}

function acceptedOf(body: unknown): Verdict {
  if (!isObject(body)) return { tag: 'unknown', why: 'an answer that is no object' }
  const error = errorIn(body)
  const hash = hashIn(body, 'orderID')
  // In words: accepted ⇔ success, no error, an order's id, and a status that is one of an acceptance.
  if (body['success'] !== true || error !== '') {
    if (hash === undefined || error !== '') return refusedWith(error)
    return { tag: 'unknown', why: 'neither success nor error' }
  }
  if (hash === undefined) return { tag: 'unknown', why: 'success without an order' }
  const status = textIn(body, 'status').toLowerCase()
  switch (status) {
    case 'live':
    case 'delayed':
      return { tag: status, hash }
    case 'matched': {
      const [making, taking] = [amountIn(body, 'makingAmount'), amountIn(body, 'takingAmount')]
      return { tag: 'matched', hash, making, taking }
    }
    default:
      return { tag: 'unknown', why: `status '${status.slice(0, 40)}'` }
  }
}

function amountIn(body: Readonly<Record<string, unknown>>, key: string): number | undefined {
  return textIn(body, key) === '' ? undefined : microIn(body, key)
}

function refusedWith(detail: string): Verdict {
  if (KILLED.some(text => text.test(detail))) return { tag: 'killed' }
  if (DUPLICATED.test(detail)) return { tag: 'unknown', why: detail }
  if (/post-only mode/i.test(detail))
    return refused('venue-unavailable', detail, 'post-only', POST_ONLY_MS)
  if (/crosses the book|crosses book/i.test(detail)) return refused('would-cross', detail)
  if (/tick size/i.test(detail)) return refused('off-tick', detail)
  if (/lower than the minimum|min size/i.test(detail)) return refused('below-min-size', detail)
  if (/closed only/i.test(detail)) return refused('venue-refused', detail, 'closed-only', 600_000)
  return refused('venue-refused', detail)
}

function refused(
  reason: Reject,
  detail: string,
  name?: VenueCondition,
  forMs = UNAVAILABLE_MS,
): Verdict {
  const said = detail.slice(0, 300)
  return {
    ...{ tag: 'refused', reason, detail: said },
    ...(name !== undefined && { condition: { name, forMs: Math.min(forMs, 600_000) } }),
  }
}

/** The venue's words: `error`, `errorMsg`, or of the heartbeat `error_msg`. */
export function errorIn(body: unknown): string {
  if (!isObject(body)) return ''
  return textIn(body, 'error') || textIn(body, 'errorMsg') || textIn(body, 'error_msg')
}

function secondsIn(body: unknown): number | undefined {
  const seconds = isObject(body) ? Number(textIn(body, 'retry_after_seconds')) : 0
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1_000 : undefined
}
