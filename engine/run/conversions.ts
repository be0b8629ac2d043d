import {
  ConversionFailed,
  ConversionRequested,
  PositionsConverted,
} from '#schemas/events/conversion.js'
import type { Conversion } from '#schemas/reasons.js'
import type { EventOf } from '#schemas/registry.js'
import { price, PRICE_MAX, proceedsOf, shares, usdc } from '#schemas/units.js'
import type { Turn } from '#engine/core/turn.js'
import { SHARED } from '#engine/risk/purses.js'
import { venueNamed } from '#engine/venues/registry.js'
import type { EngineState } from './state.js'

/** A conversion that was asked for and is not final. */
interface Pending {
  readonly kind: Conversion
  readonly signal: string
  readonly strategy: string
  readonly scope: string
  readonly market: number
  readonly group: string
  /** 1e-6 share of each token. */
  readonly size: number
  readonly gives: readonly number[]
  readonly takes: readonly number[]
  /** What a share of each brings, 1e-4 dollar. */
  readonly pays: number
  /** Who has the tokens set aside: the signal, or the conversion itself. */
  readonly owner: string
}

/** Sets of one market that one strategy holds and nobody has merged. */
interface Waiting {
  sets: number
}

/**
 * Transactions of the account that turn tokens into others or into cash: NO of one outcome into YES of every other, for signals that are
 * built on it, and complete sets of a market into dollars, once there are enough, so that a long run does not end at its exposure cap.
 */
export class Conversions {
  readonly open = new Map<string, Pending>()
  readonly #waiting = new Map<string, Waiting>()
  readonly #state: EngineState

  constructor(state: EngineState) {
    this.#state = state
  }

  /** The first leg of a signal was bought: it becomes the others. */
  convert(
    turn: Turn,
    cause: number,
    of: { signal: string; scope: string; gives: number; takes: readonly number[]; size: number },
  ): void {
    const { signal, scope, gives, takes, size } = of
    const { marketOf, groups } = this.#state
    const market = marketOf[gives]!
    const group = groups.keyOf(market) ?? ''
    const strategy = this.#strategyOf(signal)
    const terms = { kind: 'no-to-yes', signal, strategy, scope, market, group, size } as const
    this.#request(turn, cause, `${signal}.convert`, {
      ...{ ...terms, gives: [gives], takes, pays: 0, owner: signal },
    })
  }

  /** A signal ended with complete sets. Where they are those of one market they may be merged, with those that wait. */
  settled(
    turn: Turn,
    cause: number,
    of: { signal: string; scope: string; tokens: readonly number[]; matched: number },
  ): void {
    const { signal, scope, tokens, matched } = of
    const { config, purses, isVenue, kill } = this.#state
    const least = config.merge.sets_min_micro
    const market = this.#marketOf(tokens)
    if (least === 0 || matched === 0 || isVenue || market === undefined) return
    const strategy = this.#strategyOf(signal)
    const waiting = this.#waitingOf(`${scope}|${strategy}|${market}`)
    const { exposure } = purses.of(scope)
    const held = tokens.map(token => exposure.positions.get(token)?.size ?? 0)
    // What was sold meanwhile waits no more: else shares of somebody else in this purse would be merged for it.
    waiting.sets = Math.max(0, Math.min(waiting.sets + matched, ...held))
    const size = tokens.reduce((n, token) => Math.min(n, exposure.freeShares(token)), waiting.sets)
    if (size < least || kill.isStoppedFor(scope)) return
    waiting.sets -= size
    const id = `${signal}.merge`
    for (const token of tokens) exposure.reserveShares(id, token, size)
    const terms = { kind: 'merge', signal, strategy, scope, market, group: '', size } as const
    this.#request(turn, cause, id, {
      ...{ ...terms, gives: [...tokens], takes: [], pays: PRICE_MAX, owner: id },
    })
  }

  /** The transaction is final. */
  reported(turn: Turn, { data }: EventOf<'ConversionReported'>): void {
    const { conversion, done, gas } = data
    const of = this.open.get(conversion)
    if (!of) return
    this.open.delete(conversion)
    const { signal, scope, gives, takes, size, owner } = of
    const { purses, holdings, oms } = this.#state
    const { exposure } = purses.of(scope)
    const own = scope === SHARED ? {} : { scope }
    const cause = turn.input.seq
    holdings.paid()
    let seq
    if (done) {
      const cash = proceedsOf(of.pays, size)
      const cost = exposure.convert({ owner, gives, takes, size, cash, gas })
      const { kind, strategy, market, group } = of
      const moved = { size: shares(size), gives, takes, cash, gas, cost: usdc(cost) }
      seq = turn.decide(
        cause,
        PositionsConverted.make({
          ...{ conversion, kind, signal, strategy, market, ...moved, ...own },
          ...(group !== '' && { group }),
        }),
      )
    } else {
      seq = turn.decide(cause, ConversionFailed.make({ conversion, signal, gas, ...own }))
      exposure.pay(gas)
      if (of.kind === 'merge') {
        for (const token of gives) exposure.releaseShares(owner, token)
        this.#waitingOf(`${scope}|${of.strategy}|${of.market}`).sets += size
      }
    }
    for (const token of [...gives, ...takes]) this.#state.positionMoved(scope, token)
    if (of.kind === 'no-to-yes') oms.converted(turn, signal, { done, gas, cause: seq })
  }

  /** All that it remembers, for a checkpoint. */
  save() {
    return { open: this.open, waiting: this.#waiting }
  }

  load({ open, waiting }: ReturnType<Conversions['save']>): void {
    for (const [id, pending] of open) this.open.set(id, pending)
    for (const [key, sets] of waiting) this.#waiting.set(key, sets)
  }

  #request(turn: Turn, cause: number, conversion: string, of: Pending): void {
    const { kind, signal, strategy, scope, market, group, gives, takes, size, pays } = of
    const seq = turn.decide(
      cause,
      ConversionRequested.make({
        ...{ conversion, kind, signal, strategy, market, size: shares(size), gives, takes },
        pays: price(pays),
        ...(scope !== SHARED && { scope }),
        ...(group !== '' && { group }),
      }),
    )
    this.open.set(conversion, of)
    this.#state.holdings.paid() // an answer that is on its way may be from before or after
    turn.ask({ tag: 'Convert', conversion, gives, takes, size, pays, seq })
  }

  /** The market of which these are all tokens, where its venue merges them; undefined for a set of several markets. */
  #marketOf(tokens: readonly number[]): number | undefined {
    const [first] = tokens
    const id = first === undefined ? undefined : this.#state.marketOf[first]
    const market = id === undefined ? undefined : this.#state.markets[id]
    if (!market || !venueNamed(market.rules).merges || market.isResolved) return undefined
    const isWhole = tokens.length === 2 && tokens.every(token => market.tokens.includes(token))
    return isWhole && market.tokens.length === 2 ? market.market : undefined
  }

  #strategyOf(signal: string): string {
    const { instances, instanceOf } = this.#state
    return instances.byId(instanceOf.get(signal) ?? '')?.strategy ?? ''
  }

  #waitingOf(key: string): Waiting {
    const known = this.#waiting.get(key)
    if (known) return known
    const fresh = { sets: 0 }
    this.#waiting.set(key, fresh)
    return fresh
  }
}
