import type { AnswerEvent, Request } from '../gateway.js'

/** The end of a GTD order. */
interface Expire {
  readonly tag: 'Expire'
  readonly order: string
  readonly seq: number
}

/** Something that has happened at the exchange and is on its way to us. */
interface Report {
  readonly tag: 'Report'
  readonly order: string
  readonly seq: number
  readonly event: AnswerEvent
}

/** What the exchange does at a time. */
export type Act = Request | Expire | Report

/** An act that is due. */
export interface Due {
  /** Ties are broken by it: the order that it is about. */
  readonly key: string
  readonly dueUs: number
  readonly request: Act
}

/** What the simulated exchange will do, in the order of (due, key); equal ones in the order in which they came. */
export class Agenda {
  #due: Due[] = []

  /** When the next act is due, µs; Infinity for none. */
  get dueUs(): number {
    return this.#due[0]?.dueUs ?? Number.POSITIVE_INFINITY
  }

  add(due: Due): void {
    let at = this.#due.length
    while (at > 0 && isBefore(due, this.#due[at - 1]!)) at--
    this.#due.splice(at, 0, due)
  }

  take(): Due | undefined {
    return this.#due.shift()
  }

  save(): readonly Due[] {
    return this.#due
  }

  load(due: readonly Due[]): void {
    this.#due = [...due]
  }
}

const isBefore = (a: Due, b: Due): boolean =>
  a.dueUs !== b.dueUs ? a.dueUs < b.dueUs : a.key < b.key

/**
 * What randomness belongs to: the order, or the question about it; of a question about none `asked`, which says when it was
 * asked.
 */
export function keyOf(request: Request, asked: number): string {
  switch (request.tag) {
    case 'SendOrder':
      return request.order
    case 'SubmitOrder':
      return `${request.order}>`
    case 'CancelEverything':
      return `cancels ${asked}`
    case 'CancelOrder':
      return `${request.order}!${request.request}`
    case 'QueryOrder':
      return `${request.order}?${request.query}`
    case 'RequestHoldings':
      return `holdings ${request.signal === '' ? asked : request.signal}`
    case 'RequestOpenOrders':
      return `orders ${asked}`
    case 'Convert':
      return request.conversion
    case 'CancelStranger':
      return `stranger ${request.venueOrder}`
  }
}
