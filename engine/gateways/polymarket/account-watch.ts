import type { Desk } from './desk.js'
import { isObject, jsonOf } from './wire/texts.js'

/** Looks now and then at what must hold for trading: the venue's clock, and that the account may open positions. */
export class AccountWatch {
  readonly #desk: Desk
  #timer: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(desk: Desk) {
    this.#desk = desk
  }

  open(): void {
    if (this.#desk.rules.checkMs > 0) void this.#look()
  }

  close(): void {
    this.#isClosed = true
    clearTimeout(this.#timer)
  }

  async #look(): Promise<void> {
    await Promise.all([this.#clock(), this.#closedOnly()])
    if (this.#isClosed) return
    this.#timer = setTimeout(() => void this.#look(), this.#desk.rules.checkMs).unref()
  }

  /** The venue's clock has whole seconds: what it says lies up to one behind. */
  async #clock(): Promise<void> {
    const { rest, nowMs, conditions, rules } = this.#desk
    const before = nowMs()
    const answer = await rest.once({ method: 'GET', path: '/time' })
    const after = nowMs()
    if (answer.tag === 'lost' || answer.status !== 200 || !/^\d{9,11}$/.test(answer.text.trim()))
      return
    const theirs = Number(answer.text) * 1_000
    const early = theirs - after
    const late = before - (theirs + 1_000)
    const off = Math.max(early, late)
    if (off <= rules.skewMaxMs) conditions.clear('clock-skew', 'within bounds')
    else
      conditions.set(
        'clock-skew',
        `our clock is ${Math.round(off)} ms ${early > late ? 'behind' : 'ahead of'} the venue's`,
      )
  }

  async #closedOnly(): Promise<void> {
    const { rest, conditions } = this.#desk
    const answer = await rest.once({ method: 'GET', path: '/auth/ban-status/closed-only' })
    if (answer.tag === 'lost') return
    if (answer.status === 401) {
      conditions.set('unauthorized', 'the venue refuses the API key')
      return
    }
    if (answer.status !== 200) return
    conditions.clear('unauthorized', 'the API key is taken')
    const value = jsonOf(answer.text)
    const isClosed = isObject(value) && value['closed_only'] === true
    if (isClosed) conditions.set('closed-only', 'the account may only close positions')
    else conditions.clear('closed-only', 'the account may open positions')
  }
}
