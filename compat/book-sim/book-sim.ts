import * as E from 'fp-ts/lib/Either.js'
import { ofMillionths, type BookSimAnswer, type BookSimEvent } from './answer.js'
import { fillLeg, type LegResult } from './leg.js'
import { isPlain } from './plain.js'
import { requestFrom, type BookSimRequest } from './request.js'
import { PaperBooks } from './paper-books.js'

/** What a caller may choose beyond the request. */
export interface BookSimOptions {
  /** A trade of several legs is discarded whole when a leg has less than 80 % of its shares; default no. */
  readonly guardsLegs?: boolean
  /** An order below the venue's least size is raised to it; default yes. */
  readonly raisesToMinSize?: boolean
}

/** Least part of its requested shares (after raising to the least size) that each leg of a guarded trade must have. */
const LEAST_PART_PERCENT = 80

/**
 * The paper book-sim: immediate orders against snapshots, answered in decimals. Pure: the same request gives the same
 * answer. The limit is the caller's business; the worst level touched lets all that was counted on fill.
 */
export function simulated(request: BookSimRequest, options: BookSimOptions = {}): BookSimAnswer {
  const { guardsLegs = false, raisesToMinSize = true } = options
  const books = new PaperBooks(request)
  const rules = { slippageBps: request.slippageBps, raisesToMinSize }
  const legs = request.intents.map(intent =>
    fillLeg(intent, { snapshot: request.snapshots.get(intent.tokenId), books, rules }),
  )
  const events = legs.map(({ event }) => event)
  const short = guardsLegs && legs.length > 1 ? legs.filter(isShort) : []
  if (short.length > 0)
    return { fills: [], events: [...events, ...short.map(shortEvent)], capital_used_usd: 0 }
  const capital = legs.reduce((sum, { notional }) => sum + notional, 0)
  const fills = legs.flatMap(({ fill }) => (fill ? [fill] : []))
  return { fills, events, capital_used_usd: ofMillionths(capital) }
}

/** The answer to a request as it comes in; `invalid_request: …` with what is wrong and where. */
export function answerTo(
  spoken: unknown,
  options: BookSimOptions = {},
): E.Either<string, BookSimAnswer> {
  const request = requestFrom(spoken)
  if (E.isLeft(request)) return E.left(`invalid_request: ${request.left}`)
  return E.right(simulated(request.right, options))
}

/**
 * The answer to one line `{id, payload}` of a conversation: `{id, ok, result, error}`. A malformed line has the id
 * `unknown`; a blank one has no answer.
 */
export function answerToLine(line: string, options: BookSimOptions = {}): string | undefined {
  if (line.trim() === '') return undefined
  const said = objectOf(line)
  if (typeof said?.['id'] !== 'string') {
    const error = 'invalid_request: the line is not an object with a string id'
    return JSON.stringify({ id: 'unknown', ok: false, result: null, error })
  }
  const { id } = said
  const answer = answerTo(said['payload'], options)
  if (E.isLeft(answer)) return JSON.stringify({ id, ok: false, result: null, error: answer.left })
  return JSON.stringify({ id, ok: true, result: answer.right, error: null })
}

const isShort = ({ filled, requested }: LegResult): boolean =>
  filled === 0 || BigInt(filled) * 100n < BigInt(requested) * BigInt(LEAST_PART_PERCENT)

/** Why a guarded trade was discarded: a leg in part, or a leg without any fill. */
function shortEvent({ event, filled, requested }: LegResult): BookSimEvent {
  const message = filled > 0 ? 'paper_multi_leg_partial_fill' : 'paper_multi_leg_incomplete'
  const ratio = requested === 0 ? 0 : Math.floor((filled * 1_000_000) / requested) / 1_000_000
  const payload = {
    requested: ofMillionths(requested),
    filled: ofMillionths(filled),
    ratio,
    min_ratio: LEAST_PART_PERCENT / 100,
  }
  return {
    intent_id: event.intent_id,
    event_type: message,
    status_code: 422,
    message,
    payload,
  }
}

function objectOf(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line)
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isObject && isPlain(value) ? { ...value } : undefined
  } catch {
    return undefined
  }
}
