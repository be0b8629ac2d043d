import type { Prng } from '#engine/feeds/simulator/prng.js'
import type { TwinClock } from '../clock.js'
import type { Faults } from '../faults.js'
import type { ExchangeTrade, TradeStatus } from './trade.js'

/** Least and most of a delay, ms; drawn by the seed. */
export type DelayRange = readonly [leastMs: number, mostMs: number]

/** How long the steps of a settlement take. */
export interface SettlementTimes {
  /** From the match to a block. */
  readonly minedMs: DelayRange
  /** From the block to its finality. */
  readonly confirmedMs: DelayRange
}

/** About what the venue takes on Polygon (2026). */
export const SETTLEMENT_TIMES: SettlementTimes = {
  minedMs: [500, 2_000],
  confirmedMs: [1_000, 4_000],
}

/** What becomes of trades after their match: MATCHED, MINED, CONFIRMED, or RETRYING, or FAILED, which makes them void. */
export class Settlement {
  readonly #clock: TwinClock
  readonly #faults: Faults
  readonly #random: Prng
  readonly #times: SettlementTimes
  readonly #told: (trade: ExchangeTrade) => void

  /** `told` hears of a trade whenever its status has changed. */
  constructor(of: {
    readonly clock: TwinClock
    readonly faults: Faults
    readonly random: Prng
    readonly times: SettlementTimes
    readonly told: (trade: ExchangeTrade) => void
  }) {
    this.#clock = of.clock
    this.#faults = of.faults
    this.#random = of.random
    this.#times = of.times
    this.#told = of.told
  }

  /** Begins with a trade that was just matched. */
  begin(trade: ExchangeTrade): void {
    const { minedMs, confirmedMs } = this.#times
    if (this.#faults.isOn('trade-failed')) {
      this.#next(trade, minedMs, ['RETRYING', 'FAILED'], minedMs)
      return
    }
    const retried: readonly TradeStatus[] = this.#faults.isOn('trade-retrying')
      ? ['RETRYING', 'MINED', 'CONFIRMED']
      : ['MINED', 'CONFIRMED']
    this.#next(trade, minedMs, retried, confirmedMs)
  }

  /** Lets a trade fail now, whatever it has reached; nothing happens to one that is over. */
  fail(trade: ExchangeTrade): void {
    if (!isOver(trade)) this.#set(trade, 'FAILED')
  }

  #next(
    trade: ExchangeTrade,
    after: DelayRange,
    [status, ...rest]: readonly TradeStatus[],
    later: DelayRange,
  ): void {
    if (status === undefined) return
    const [least, most] = after
    this.#clock.after(least + this.#random.below(most - least + 1), () => {
      if (isOver(trade)) return
      this.#set(trade, status)
      this.#next(trade, later, rest, later)
    })
  }

  #set(trade: ExchangeTrade, status: TradeStatus): void {
    trade.status = status
    trade.updatedMs = this.#clock.nowMs()
    this.#told(trade)
  }
}

/** Whether a trade's settlement has ended. */
export const isOver = ({ status }: ExchangeTrade): boolean =>
  status === 'CONFIRMED' || status === 'FAILED'
