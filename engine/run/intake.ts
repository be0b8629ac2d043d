import * as E from 'fp-ts/lib/Either.js'
import type { EventOf } from '#schemas/registry.js'
import type { FeedInput, RawChunk } from '#engine/feeds/feed.js'
import type { LogFault, LogWriter } from '#engine/log/event-log.js'
import type { OperatorQueue } from './operator-queue.js'
import type { EngineLoop } from './engine-loop.js'

/** What an engine takes its feed with. */
export interface IntakeOptions {
  readonly started: EventOf<'RunStarted'>
  readonly log: LogWriter
  readonly loop: EngineLoop<LogFault>
  /** Feed inputs that a resumed run has already taken. */
  readonly skip: number
  /** Who may say something between inputs: he is told under which number it was taken. */
  readonly operator?: OperatorQueue
  /** Whether the run has its `RunStarted`. */
  readonly isBegun: boolean
}

/** Feed inputs into turns, in order, no faster than the log takes them. What it answers is what ended the run. */
export class Intake {
  readonly #of: IntakeOptions
  #skip: number
  #isBegun: boolean

  constructor(of: IntakeOptions) {
    this.#of = of
    this.#skip = of.skip
    this.#isBegun = of.isBegun
  }

  /** Begins the run where nothing did: the feed's first input gives it its first time. */
  begin(tUs: number): LogFault | undefined {
    if (this.#isBegun) return undefined
    this.#isBegun = true
    return this.#of.loop.take(tUs, this.#of.started)
  }

  async inputs(batch: readonly FeedInput[], isFolded = false): Promise<LogFault | undefined> {
    for (let k = 0; k < batch.length; k++) {
      const room = this.#one(batch[k]!, isFolded && k === 0)
      const fault = room instanceof Promise ? await room : room
      if (fault) return fault
    }
    return undefined
  }

  /** Inputs that give the engine nothing to do go from the source's bytes to the log; the others one by one. */
  async chunk(chunk: RawChunk): Promise<LogFault | undefined> {
    const { log, loop } = this.#of
    for (;;) {
      let why
      if (this.#isBegun && this.#skip === 0) {
        const walked = loop.walkChunk(chunk)
        why = walked.why
        const fault =
          walked.messages > 0 ? (log.appendEncoded(walked.turns) ?? this.#room()) : undefined
        const found = fault instanceof Promise ? await fault : fault
        if (found) return found
      }
      if (why === 'full') continue
      const inputs = chunk.next()
      if (!inputs) return undefined
      const fault = await this.inputs(inputs, why === 'actionable')
      if (fault) return fault
    }
  }

  #one({ tUs, event }: FeedInput, isFolded: boolean): Waited {
    const { loop, operator } = this.#of
    const isSaid = operator?.has(event) === true
    if (this.#skip > 0 && !isSaid) {
      this.#skip--
      return undefined
    }
    const fault = this.begin(tUs) ?? loop.catchUp(Math.max(tUs, loop.tUs))
    if (isSaid) operator.taken(event, loop.lastSeq + 1)
    return fault ?? loop.take(tUs, event, isFolded) ?? this.#room()
  }

  /** Nothing where the log takes more at once. */
  #room(): Waited {
    return this.#of.log.ready()?.then(waited => (E.isLeft(waited) ? waited.left : undefined))
  }
}

type Waited = Promise<LogFault | undefined> | LogFault | undefined
