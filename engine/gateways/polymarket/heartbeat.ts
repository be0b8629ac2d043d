import type { Desk } from './desk.js'
import { isObject, jsonOf, textIn } from './wire/texts.js'

/**
 * The venue's dead man's switch: once begun, 10 s without a heartbeat cancel every order of the key. It fails closed: with the first one
 * that is not answered new risk is forbidden until the venue answers again.
 * Source: Polymarket order heartbeat, 2026-10.
 */
export class Heartbeat {
  readonly #desk: Desk
  #id = ''
  #timer: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(desk: Desk) {
    this.#desk = desk
  }

  /** Begins, where it is wanted. */
  open(): void {
    if (this.#desk.rules.heartbeatMs > 0) void this.#beat()
  }

  close(): void {
    this.#isClosed = true
    clearTimeout(this.#timer)
  }

  async #beat(): Promise<void> {
    const { rest, conditions, rules } = this.#desk
    const beganMs = performance.now()
    let answer = await this.#sent(rest)
    // The venue names the id that it expects: after a restart of ours it knows one that we do not.
    if (answer === 'renamed') answer = await this.#sent(rest)
    if (this.#isClosed) return
    if (answer === 'ok') conditions.clear('heartbeat-lost', 'answered again')
    else conditions.set('heartbeat-lost', answer)
    const waitMs = Math.max(50, rules.heartbeatMs - (performance.now() - beganMs))
    // What failed is tried again sooner: the venue waits for 10 s only.
    this.#timer = setTimeout(
      () => void this.#beat(),
      answer === 'ok' ? waitMs : Math.min(waitMs, 1_000),
    )
  }

  async #sent(rest: Desk['rest']): Promise<string> {
    const body = JSON.stringify({ heartbeat_id: this.#id })
    const answer = await rest.once({ method: 'POST', path: '/v1/heartbeats', body })
    if (answer.tag === 'lost') return answer.why
    const value = jsonOf(answer.text)
    const id = isObject(value) ? textIn(value, 'heartbeat_id') : ''
    if (id !== '') this.#id = id
    if (answer.status === 200) return 'ok'
    return answer.status === 400 && id !== '' ? 'renamed' : `status ${answer.status}`
  }
}
