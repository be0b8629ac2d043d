import { spawnSync } from 'node:child_process'
import { BID } from '#schemas/levels.js'
import {
  isSayable,
  sweepFills,
  sweepRequest,
  type SweepOffer,
} from '#compat/book-sim/sweep-text.js'
import { sweepBook, type BookSweep, type Offer } from '#engine/gateways/sim/sweep.js'
import { BOOK_SIM, hasBookSim, NO_BOOK_SIM } from '#compat/book-sim-program.js'
import { LineProcess, Unanswered, type LineProgram } from '#compat/line-process.js'

/** Answers a request of the paper book-sim; throws `Unanswered`. */
export interface Asked {
  readonly ask: (request: string) => string
  readonly close: () => void
}

/** An answer that takes longer is none. */
const TIMEOUT_MS = 1_000
/** After so many failures in a row no further process is started. */
const FAILURES_MAX = 3

const DAEMON: LineProgram = { command: BOOK_SIM, args: ['daemon'], timeoutMs: TIMEOUT_MS }

/** One process that answers request after request. */
export function daemon(program: LineProgram = DAEMON): Asked {
  const lines = new LineProcess(program)
  let id = 0
  const ask = (request: string): string => {
    const head = `{"id":"${++id}","ok":true,"result":`
    const answer = lines.ask(`{"id":"${id}","payload":${request}}`)
    if (answer.startsWith(head) && answer.endsWith(TAIL))
      return answer.slice(head.length, -TAIL.length)
    lines.close() // whatever it says next would answer an older question
    throw new Unanswered(`it answered ${shortly(answer)}`)
  }
  return { ask, close: () => lines.close() }
}
const TAIL = ',"error":null}'

/** A process per request. */
export function subprocess(
  command = BOOK_SIM,
  args: readonly string[] = ['simulate-paper'],
): Asked {
  const ask = (input: string): string => {
    const done = spawnSync(command, args, { input, encoding: 'utf8', timeout: TIMEOUT_MS })
    if (done.status === 0) return done.stdout.trimEnd()
    const why = done.error ? String(done.error) : `it ended with ${done.status ?? done.signal}`
    throw new Unanswered(shortly(why))
  }
  return { ask, close: () => undefined }
}

/** The walk of the simulated exchange asked of a process, and what became of that. */
export interface ProcessSweep {
  readonly sweep: BookSweep
  /** Walks that TypeScript answered alone, and why the first of them; undefined for none. */
  readonly fallback: () => string | undefined
  readonly close: () => void
}

/**
 * Asks a process which levels an order takes, and compares. TypeScript's answer is the one that stands, so that no
 * decision depends on the process: one that fails or differs is told once, through `say`, and counted.
 */
export function processSweep(asked: Asked | string, say: (line: string) => void): ProcessSweep {
  let [first, alone, inARow] = ['', 0, 0]
  const isOver = (): boolean => typeof asked === 'string' || inARow >= FAILURES_MAX
  const missed = (why: string): void => {
    alone++
    if (first !== '') return
    first = why
    say(`the book-sim process: ${why}; TypeScript answers in its stead, and no decision changes`)
  }
  const sweep: BookSweep = offer => {
    const takes = sweepBook(offer)
    const offers = [inText(offer)]
    if (!isSayable(offers)) return takes
    if (typeof asked === 'string') missed(asked)
    else if (isOver()) alone++
    else {
      try {
        const answer = asked.ask(sweepRequest(offers))
        inARow = 0
        if (!answer.startsWith(sweepFills(offers, [takes])))
          missed(`it answers order ${offer.order} otherwise: ${shortly(answer)}`)
      } catch (error) {
        if (!(error instanceof Unanswered)) throw error
        inARow++
        missed(error.message)
      }
    }
    return takes
  }
  return {
    sweep,
    fallback: () => (alone === 0 ? undefined : `ts for ${alone} orders: ${first}`),
    close: () => {
      if (typeof asked !== 'string') asked.close()
    },
  }
}

/** The process that a backend names, or why there is none. */
export function askedOf(backend: 'daemon' | 'subprocess'): Asked | string {
  if (!hasBookSim()) return NO_BOOK_SIM
  return backend === 'daemon' ? daemon() : subprocess()
}

/** An offer as a request tells it. */
export const inText = ({ side, ...offer }: Offer): SweepOffer => ({ ...offer, isBuy: side === BID })

const shortly = (text: string): string => (text.length > 120 ? `${text.slice(0, 117)}…` : text)
