import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Instruments } from '#engine/core/instruments.js'
import { prng } from '#engine/feeds/simulator/prng.js'
import { simulatorFeed } from '#engine/feeds/simulator/simulator.js'
import { Faults, type ScriptedFault } from './faults.js'
import { MarketChannel } from './market-channel.js'
import { TwinMarkets } from './markets.js'
import { MarketRest } from './rest.js'

/** What a twin is made of. */
export interface TwinOptions {
  /** A scenario of the simulator. */
  readonly scenario: string
  readonly seed: number
  /** Simulated seconds in one of the machine's. */
  readonly speed: number
  /** Inputs of the scenario; as many as it has where nothing is said. */
  readonly events?: number
  /** 0 for any that is free. */
  readonly port?: number
  readonly faults?: readonly ScriptedFault[]
}

/** Most simulated inputs that are told in one go before other work gets its turn. */
const BURST = 500
/** How often a paused twin looks whether it goes on, ms. */
const PAUSED_MS = 50

/**
 * The counterpart of the venue on this machine: REST and market channel over loopback, in the venue's own words, of a
 * simulated market that goes on by the machine's clock.
 */
export class TwinVenue {
  readonly markets: TwinMarkets
  readonly channel: MarketChannel
  readonly rest: MarketRest
  readonly #of: TwinOptions
  readonly #http: Server
  readonly #ends = new AbortController()
  #startedMs = 0
  /** Frames told so far. */
  frames = 0
  isOver = false
  #isPaused = false

  constructor(of: TwinOptions) {
    this.#of = of
    const { scenario, seed, faults: script = [] } = of
    const faults = new Faults(script, () => Date.now() - this.#startedMs)
    const markets = new TwinMarkets(`${scenario} ${seed}`)
    this.markets = markets
    this.channel = new MarketChannel({ markets, faults, random: prng(seed, 'twin faults') })
    this.rest = new MarketRest(markets, faults)
    this.#http = createServer((request, response) => {
      void this.rest.serve(request, response).catch(() => response.destroy())
    })
    this.channel.attach(this.#http)
  }

  /** Begins to serve; the base address, without a slash. */
  async start(): Promise<string> {
    const listening = new Promise<void>((resolve, reject) => {
      this.#http.once('error', reject)
      this.#http.listen(this.#of.port ?? 0, '127.0.0.1', resolve)
    })
    await listening
    this.#startedMs = Date.now()
    this.#watch()
    await new Promise<void>(resolve => void this.#play(resolve))
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`
  }

  async stop(): Promise<void> {
    this.#ends.abort()
    this.channel.close()
    this.#http.closeAllConnections()
    await new Promise<void>(resolve => {
      this.#http.close(() => {
        resolve()
      })
    })
  }

  /** Lets nothing happen any more: everything is still served. */
  pause(): void {
    this.#isPaused = true
  }

  /** Tells what the simulated market does, each thing at its time; `listed` once its markets and books are there. */
  async #play(listed: () => void): Promise<void> {
    const { scenario, seed, speed, events } = this.#of
    const { signal } = this.#ends
    const feed = simulatorFeed({ scenario, seed, ...(events !== undefined && { events }) })
    let [firstUs, told] = [-1, 0]
    for await (const batch of feed.open({ signal, instruments: new Instruments().opening() })) {
      for (const { tUs, event } of batch) {
        while (this.#isPaused && !signal.aborted) await pause(PAUSED_MS, signal)
        if (signal.aborted) return
        if (firstUs < 0) firstUs = tUs
        if (tUs > firstUs) listed()
        const dueMs = this.#startedMs + (tUs - firstUs) / 1_000 / speed
        const waitMs = dueMs - Date.now()
        if (waitMs > 1) await pause(waitMs, signal)
        else if (++told % BURST === 0) await pause(0, signal)
        for (const frame of this.markets.take(event, Date.now())) {
          this.frames++
          this.channel.send(frame)
        }
      }
    }
    this.isOver = true
    listed()
  }

  #watch(): void {
    for (const { kind, fromMs } of this.#of.faults ?? [])
      if (kind === 'close')
        setTimeout(() => {
          this.channel.drop()
        }, fromMs).unref()
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const done = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done)
  })
}
