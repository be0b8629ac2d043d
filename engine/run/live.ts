import * as E from 'fp-ts/lib/Either.js'
import { FeedLost } from '#schemas/events/feed.js'
import { OrderOutcomeUnknown } from '#schemas/events/order.js'
import { CommandGiven, RunEnded, RunRecovered } from '#schemas/events/run.js'
import type { Event } from '#schemas/registry.js'
import { FeedFault, type Feed, type FeedInput } from '#engine/feeds/feed.js'
import { asGateway } from '#engine/gateways/venue-gateway.js'
import type { LogFault } from '#engine/log/event-log.js'
import { Inbox, type Arrival } from './inbox.js'
import type { LiveEnd, LiveOptions } from './live-options.js'
import { startEngine } from './start.js'
import { sessionOf } from './venue-session.js'
import { StateKeeper } from './state-keeper.js'
import type { EngineLoop } from './engine-loop.js'

type Answer = Extract<Arrival, { readonly tag: 'answer' }>

/** Arrivals between two looks at the log and at who else wants the processor. */
const BURST = 256

/**
 * Runs an engine by the machine's clock: feeds, as many as there are, the answers of a venue, the operator and the timer come through
 * one queue, each stamped when it was received. Requests leave when their decision is durable.
 */
export async function runLive(options: LiveOptions): Promise<E.Either<LogFault, LiveEnd>> {
  return await new LiveLoop(options).run()
}

class LiveLoop {
  readonly #of: LiveOptions
  readonly #inbox: Inbox
  readonly #loop: EngineLoop<LogFault>
  readonly #keeper: StateKeeper | undefined
  /** Feeds that have not ended. */
  #open = 0
  #isEnding = false
  #fault: Error | undefined
  #cancelWake: () => void = () => undefined

  constructor(of: LiveOptions) {
    this.#of = of
    this.#inbox = new Inbox(of.inboxMax)
    const { started, log, parts, resumed, venue } = of
    const gateway = venue && asGateway(venue)
    if (resumed) {
      // The comparison is over; from here on the same engine keeps its turns in the log.
      const loop = resumed.loop as EngineLoop<LogFault>
      loop.keepIn(({ rows }) => log.append(rows))
      if (gateway) loop.connect(gateway)
      this.#loop = loop
    } else
      this.#loop = startEngine<LogFault>(started, ({ rows }) => log.append(rows), {
        ...parts,
        ...(gateway && { gateway }),
      })
    const { checkpoints } = of
    this.#keeper = checkpoints && new StateKeeper({ checkpoints, log }, this.#loop)
  }

  async run(): Promise<E.Either<LogFault, LiveEnd>> {
    const { log, operator, venue, stop, feeds } = this.#of
    const loop = this.#loop
    log.onDurable(seq => {
      loop.durable(seq)
      operator?.durable(seq)
    })
    loop.onSnapshotWanted = token => {
      for (const feed of feeds) feed.requestSnapshot?.(token)
    }
    operator?.onArrival(() => {
      this.#inbox.wake()
    })
    stop.addEventListener('abort', () => {
      this.#inbox.wake()
    })
    const fault = this.#begin()
    if (fault) return E.left(fault)
    venue?.listen(
      sessionOf(loop.state, (cause, event) => {
        this.#inbox.answer(this.#now, cause, event)
      }),
    )
    const ends = new AbortController()
    const pumps = feeds.map(feed => this.#pump(feed, ends.signal))
    const broken = (await this.#serve()) ?? (await this.#shutDown())
    ends.abort()
    this.#isEnding = true
    this.#cancelWake()
    await Promise.all(pumps)
    operator?.close()
    await venue?.close?.()
    if (broken) return E.left(broken)
    if (this.#fault !== undefined) throw this.#fault
    return await this.#end()
  }

  get #now(): number {
    return this.#of.clock.nowUs()
  }

  /** The first input of the run, or what a crash left to be said. */
  #begin(): LogFault | undefined {
    const { started, resumed, feeds, venue } = this.#of
    const loop = this.#loop
    const now = this.#now
    if (!resumed) return this.#input(now, started)
    const { lastSeq } = loop
    const { tornBytes } = resumed
    let fault = this.#input(now, RunRecovered.make({ lastSeq, tornBytes }))
    // What was said meanwhile is gone: no book is what it was.
    for (const feed of feeds)
      fault ??= this.#input(
        now,
        FeedLost.make({ feed: this.#nameOf(feed), why: 'the run crashed' }),
      )
    if (!venue) return fault
    for (const { id: order, seq } of loop.state.oms.unended())
      fault ??= this.#answer({
        ...{ tUs: now, cause: seq },
        event: OrderOutcomeUnknown.make({ order, why: 'the run crashed' }),
      })
    return fault
  }

  /** As instruments and `FeedLost` name a feed: nothing where it is the only one. */
  #nameOf(feed: Feed): string {
    return this.#of.feeds.length === 1 ? '' : feed.source
  }

  /** Brings what a feed says into the queue; one that was dropped because it says too much begins anew. */
  async #pump(feed: Feed, signal: AbortSignal): Promise<void> {
    const name = this.#nameOf(feed)
    this.#open++
    let isOver = false
    try {
      while (!isOver && !signal.aborted) {
        const own = new AbortController()
        const abort = (): void => {
          own.abort()
        }
        signal.addEventListener('abort', abort, { once: true })
        const instruments = this.#loop.state.instruments.opening(name)
        isOver = true
        for await (const batch of feed.open({ signal: own.signal, instruments })) {
          if (this.#inbox.feed(name, this.#stamped(batch, feed))) continue
          isOver = false // begins anew, with whole books
          own.abort()
          break
        }
        signal.removeEventListener('abort', abort)
        if (!isOver) this.#inbox.restart(name)
      }
    } catch (error) {
      const fault = error instanceof Error ? error : new Error(String(error))
      if (!(fault instanceof FeedFault)) this.#fault ??= fault
      const why = fault.message
      this.#inbox.feed(name, [{ tUs: this.#now, event: FeedLost.make({ feed: name, why }) }])
    }
    this.#open--
    this.#inbox.wake()
  }

  /** Inputs with the time of their receipt: now, or as a feed that reads the machine's clock itself says, which is earlier. */
  #stamped(batch: readonly FeedInput[], { isReceived }: Feed): readonly FeedInput[] {
    const now = this.#now
    return batch.map(({ tUs, event }) => ({
      tUs: isReceived === true ? Math.min(tUs, now) : now,
      event,
    }))
  }

  /** Until somebody stops the run, or all feeds have ended. */
  async #serve(): Promise<LogFault | undefined> {
    for (;;) {
      const fault = await this.#drain()
      if (fault) return fault
      const isDone = this.#of.stop.aborted || (this.#open === 0 && this.#inbox.length === 0)
      if (isDone || this.#fault !== undefined) return undefined
      await this.#wait(Number.POSITIVE_INFINITY)
    }
  }

  /** Takes all that has arrived, and then what is due. */
  async #drain(): Promise<LogFault | undefined> {
    const { log, progress } = this.#of
    for (let k = 1; ; k++) {
      const fault = this.#one()
      if (fault === 'nothing') break
      if (fault) return fault
      if (k % BURST !== 0) continue
      const room = await log.ready()
      if (room && E.isLeft(room)) return room.left
      progress?.(this.#loop)
      this.#keeper?.look()
      await breathe()
      if (this.#of.stop.aborted && !this.#isEnding) break
    }
    const due = this.#loop.catchUp(this.#now)
    if (!due) this.#keeper?.look()
    return due
  }

  #one(): LogFault | 'nothing' | undefined {
    const loop = this.#loop
    const said = this.#of.operator?.next()
    if (said) {
      const now = this.#now
      const due = loop.catchUp(now)
      this.#of.operator?.taken(said, loop.lastSeq + 1)
      return due ?? loop.take(now, said)
    }
    const arrival = this.#inbox.next()
    if (!arrival) return 'nothing'
    if (arrival.tag === 'feed') return this.#input(arrival.tUs, arrival.event)
    return this.#answer(arrival)
  }

  /** Takes an input; what was due before it comes first. */
  #input(tUs: number, event: Event): LogFault | undefined {
    return this.#loop.catchUp(tUs) ?? this.#loop.take(tUs, event)
  }

  #answer({ tUs, cause, event }: Omit<Answer, 'tag'>): LogFault | undefined {
    return this.#loop.catchUp(tUs) ?? this.#loop.takeAnswer(tUs, cause, event)
  }

  /** Until something arrives, the next deadline comes, or this time. */
  async #wait(untilUs: number): Promise<void> {
    const arrived = this.#inbox.wait()
    const atUs = Math.min(untilUs, this.#loop.dueUs)
    if (atUs !== Number.POSITIVE_INFINITY)
      this.#cancelWake = this.#of.clock.wakeAt(atUs, () => {
        this.#inbox.wake()
      })
    await arrived
    this.#cancelWake()
  }

  /**
   * No new risk from here on; what rests is cancelled. Answers are awaited for a while, then asked for, and awaited once more;
   * of what is still open then nobody knows, and that is said. No deadline is ever run ahead of its time.
   */
  async #shutDown(): Promise<LogFault | undefined> {
    this.#isEnding = true
    const loop = this.#loop
    const { stop, venue } = this.#of
    const of = stop.aborted ? (['operator', 'signal'] as const) : (['run', 'source'] as const)
    const data = { command: 'shutdown', by: of[0], from: of[1] } as const
    const fault = this.#input(this.#now, CommandGiven.make(data)) ?? (await this.#settle())
    if (fault || loop.state.oms.unended().length === 0) return fault
    return venue
      ? (this.#unknown({}) ?? (await this.#settle()) ?? this.#unknown({ final: true }))
      : await this.#settle()
  }

  /** Takes answers until no order is open, for as long as a shutdown waits. */
  async #settle(): Promise<LogFault | undefined> {
    const { oms, config } = this.#loop.state
    const untilUs = this.#now + config.live.shutdown_ms * 1_000
    for (;;) {
      const fault = await this.#drain()
      if (fault || oms.unended().length === 0 || this.#now >= untilUs) return fault
      await this.#wait(untilUs)
    }
  }

  /** Says of every open order that its outcome is not known: it is asked about, or, at last, given up. */
  #unknown(of: { final?: true }): LogFault | undefined {
    for (const { id: order, seq } of this.#loop.state.oms.unended()) {
      const event = OrderOutcomeUnknown.make({ order, why: 'shutdown', ...of })
      const fault = this.#answer({ tUs: this.#now, cause: seq, event })
      if (fault) return fault
    }
    return undefined
  }

  async #end(): Promise<E.Either<LogFault, LiveEnd>> {
    const loop = this.#loop
    const { log, stop } = this.#of
    const open = loop.state.oms.unended().map(({ id }) => id)
    const lost = [...loop.state.oms.orders.values()].filter(({ result }) => result === 'unknown')
    const why = stop.aborted ? 'operator' : 'source-ended'
    const fault = this.#input(this.#now, RunEnded.make({ why }))
    if (fault) return E.left(fault)
    const sealed = await log.seal()
    const unknown = [...open, ...lost.map(({ id }) => id)]
    return E.isLeft(sealed) ? sealed : E.right({ ...sealed.right, loop, unknown })
  }
}

function breathe(): Promise<void> {
  return new Promise(resolve => {
    setImmediate(resolve)
  })
}
