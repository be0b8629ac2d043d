import type { Key } from '#schemas/config-codecs.js'
import { ASK } from '#schemas/levels.js'
import { USED } from '#schemas/rule-codecs.js'
import { mulDivFloor } from '#schemas/units.js'
import { notionalOf, type BookView } from '#engine/book/view.js'
import type { GroupFacts, MarketFacts } from '#engine/core/market.js'
import { exitsAfter, isFree, noPositions, type Positions } from '../exits.js'
import {
  NONE,
  strategy,
  type Context,
  type Intent,
  type Proposal,
  type Strategy,
  type StrategyEvent,
  type Subscriptions,
} from '../strategy.js'
import { ruleParams, type Common } from './params.js'
import { partOf, restOf, scoreOf, type Metrics } from './score.js'
import { hasKeyword, wordsOf } from './words.js'

/** What a rule looks at. */
export type Subject =
  | { readonly tag: 'market'; readonly market: MarketFacts }
  | { readonly tag: 'group'; readonly group: GroupFacts }

/** What a rule found. */
export interface Hit {
  readonly proposal: Proposal
  /** What it is about, where that is not what was looked at: nothing is said of it again while the rule rests. */
  readonly about?: string
  /** Metrics that the rule itself knows; edge, liquidity, spread and time are added. */
  readonly metrics?: Metrics
  /** What it saw, by name, in units that its page names. */
  readonly saw?: readonly (readonly [name: string, value: number])[]
}

/** What a rule sees of the engine, besides parameters and memory of its own. */
export type Sight<P, M> = Context & { readonly params: P & Common; readonly memory: M }

/** What a rule type is. */
export interface RuleOf<P, M> {
  /** Name of its strategy. */
  readonly name: string
  readonly doc: string
  readonly version: number
  readonly isDirectional: boolean
  readonly defaults: Parameters<typeof ruleParams>[0]
  readonly params?: Readonly<Record<string, Key>>
  readonly subscribes: Pick<Subscriptions, 'books' | 'groups' | 'trades'>
  readonly init: () => M
  /** Takes note of what happened, before anything is looked at. */
  readonly note?: (event: StrategyEvent, sight: Sight<P, M>) => void
  readonly look: (subject: Subject, sight: Sight<P, M>) => Hit | undefined
}

/** What every rule remembers besides its own. */
interface Kept<M> {
  readonly own: M
  readonly positions: Positions
  /** Since when what is about a subject has held without a break, µs. */
  readonly since: Map<string, number>
  /** Until when nothing is said of a subject, µs. */
  readonly quietUntil: Map<string, number>
}

/** Timers that look again at what has to last for a while. */
const AGAIN = 'again '

/**
 * A rule as a strategy: scope, noise filter, score and cool-down are the same for all types. A hit is said where its books can be trusted, it is
 * worth the least edge by prices that can be had, and it has lasted.
 */
export function rule<P, M>(of: RuleOf<P, M>): Strategy {
  type Own = Context & { readonly params: P & Common; readonly memory: Kept<M> }
  return strategy<P & Common, Kept<M>>({
    ...{ name: of.name, doc: of.doc, version: of.version, isDirectional: of.isDirectional },
    params: ruleParams(of.defaults, of.params),
    subscribes: () => ({
      ...of.subscribes,
      ...(of.isDirectional && { orders: true, fills: true, refusals: true, positions: true }),
    }),
    init: () => ({
      own: of.init(),
      positions: noPositions(),
      since: new Map(),
      quietUntil: new Map(),
    }),
    on: (event, context: Own) => {
      const { memory, params } = context
      if (of.isDirectional) {
        const isAgain = event.tag === 'timer' && event.key.startsWith(AGAIN)
        const exits = isAgain ? NONE : exitsAfter(event, memory.positions, params, context)
        if (exits.length > 0) return exits
      }
      const sight: Sight<P, M> = Object.assign(Object.create(context) as Context, {
        params,
        memory: memory.own,
      })
      of.note?.(event, sight)
      const subject = subjectOf(event, context)
      return subject ? looked(of, subject, { context, sight }) : NONE
    },
  })
}

function subjectOf(event: StrategyEvent, { market }: Context): Subject | undefined {
  if (event.tag === 'book') return { tag: 'market', market: event.market }
  if (event.tag === 'group') return { tag: 'group', group: event.group }
  if (event.tag !== 'timer' || !event.key.startsWith(AGAIN)) return undefined
  const facts = market(Number(event.key.slice(AGAIN.length)))
  // What a timer was set for may be decided by now; books of such a market are never shown.
  return facts && !facts.isResolved ? { tag: 'market', market: facts } : undefined
}

function looked<P, M>(
  of: RuleOf<P, M>,
  subject: Subject,
  {
    context,
    sight,
  }: {
    context: Context & { readonly params: P & Common; readonly memory: Kept<M> }
    sight: Sight<P, M>
  },
): readonly Intent[] {
  const { memory, params, tUs } = context
  const key = keyOf(subject)
  const hit = isWanted(subject, params) ? of.look(subject, sight) : undefined
  const seen = hit && judged(hit, context)
  const isWorth = hit && seen && hit.proposal.edge >= params.min_edge_bps
  const token = hit?.proposal.legs[0]?.token ?? 0
  const isOpen =
    !of.isDirectional || isFree(memory.positions, token, { tUs, most: params.positions_max })
  if (!isWorth || !isOpen) {
    if (memory.since.size > 0) memory.since.delete(key)
    return NONE
  }
  const sinceUs = memory.since.get(key) ?? tUs
  memory.since.set(key, sinceUs)
  const readyUs = sinceUs + params.hold_for_ms * 1_000
  if (tUs < readyUs) {
    const isMarket = subject.tag === 'market'
    // A group is looked at again when one of its books moves.
    return isMarket
      ? [{ tag: 'timer', key: `${AGAIN}${subject.market.market}`, atUs: readyUs }]
      : NONE
  }
  const about = hit.about ?? key
  if (tUs < (memory.quietUntil.get(about) ?? 0)) return NONE
  memory.quietUntil.set(about, tUs + params.cooldown_ms * 1_000)
  if (memory.quietUntil.size > QUIET_MAX) forget(memory.quietUntil, tUs)
  const isManual = params.mode === 'manual'
  if (of.isDirectional && !isManual) memory.positions.wanted.set(token, tUs + params.ttl_ms * 1_000)
  const score = scoreOf(params.base, params.weights, { ...seen, ...hit.metrics })
  const used = [
    ...(hit.saw ?? []),
    [USED.level, Number(params.level.slice(1))],
    [USED.score, score],
    [USED.version, params.version],
  ] as const
  return [{ tag: 'set', proposal: { ...hit.proposal, used, ...(isManual && { isManual }) } }]
}

/** Subjects whose cool-down is remembered before those that are over are forgotten. */
const QUIET_MAX = 4_096

function forget(quiet: Map<string, number>, tUs: number): void {
  for (const [key, untilUs] of quiet) if (untilUs <= tUs) quiet.delete(key)
}

const keyOf = (subject: Subject): string =>
  subject.tag === 'market' ? `${subject.market.market}` : `group ${subject.group.group}`

/** Looks at a market of two outcomes whenever a book of it moves. */
export const whenTouched: NonNullable<Subscriptions['books']> = ({ tokens }) =>
  tokens.length === 2 ? { test: 'touched', limit: 0, tokens: Object.values(tokens) } : undefined

/** Whether the scope of a rule has a market, or one of the markets of an event. */
function isWanted(subject: Subject, params: Common): boolean {
  const markets = subject.tag === 'market' ? [subject.market] : subject.group.open
  return markets.some(market => isInScope(market, params))
}

/** Whether the scope of a rule has a market. */
export function isInScope(
  { key, question }: MarketFacts,
  { markets, keywords, exclude }: Pick<Common, 'markets' | 'keywords' | 'exclude'>,
): boolean {
  if (markets.length > 0 && !markets.includes(key)) return false
  if (keywords.length === 0 && exclude.length === 0) return true
  const words = wordsOf(question)
  if (exclude.some(keyword => hasKeyword(words, keyword))) return false
  return keywords.length === 0 || keywords.some(keyword => hasKeyword(words, keyword))
}

/** Asks that count as what a leg has to offer. */
const DEPTH_LEVELS = 3

/** The metrics that every hit has; nothing where a book is not to be believed, too thin, or too wide. */
function judged(
  { proposal }: Hit,
  { params, book, distrustOf, market: factsOf, tUs }: Context & { readonly params: Common },
): Metrics | undefined {
  let [liquidity, spread] = [Number.MAX_SAFE_INTEGER, 0]
  for (const { token } of proposal.legs) {
    if (distrustOf(token) !== 0) return undefined
    const view = book(token)
    liquidity = Math.min(liquidity, liquidityOf(view))
    spread = Math.max(spread, spreadOf(view))
  }
  if (liquidity < params.liquidity_min_micro || spread > params.spread_max_bps) return undefined
  const { endsUs } = factsOf(proposal.market) ?? {}
  const leftMs = endsUs === undefined ? undefined : Math.max(0, Math.floor((endsUs - tUs) / 1_000))
  return {
    edge: partOf('edge', proposal.edge),
    liquidity: partOf('liquidity', liquidity),
    spread: restOf('spread', spread),
    time_to_end: leftMs === undefined ? 0 : restOf('time_to_end', leftMs),
  }
}

/** What the first three asks hold, 1e-6 dollar. */
export const liquidityOf = (view: BookView): number => notionalOf(view, ASK, DEPTH_LEVELS)

/** Ask less bid, in bps of their middle; as wide as can be where one of them is missing. */
function spreadOf({ bestBid, bestAsk }: BookView): number {
  if (bestBid <= 0 || bestAsk >= 10_000) return 20_000
  return mulDivFloor(2 * (bestAsk - bestBid), 10_000, bestAsk + bestBid)
}
