import type { WebSocket } from 'ws'
import type { Prng } from '#engine/feeds/simulator/prng.js'
import type { TwinClock } from './clock.js'
import type { Faults } from './faults.js'
import type { TwinFrame } from './frames.js'
import type { TwinMarkets } from './markets.js'

/** Beyond so many assets of one connection the venue sends changes but no books. Reported of the venue, 2026. */
const SNAPSHOTS_MAX = 500
/** How much later frames are told by script, ms. */
const DELAYED_MS = 200

interface Subscriber {
  readonly socket: WebSocket
  readonly assets: Set<string>
  hasCustom: boolean
}

/** The market channel: who is subscribed to what, and what each of them hears. */
export class MarketChannel {
  readonly #markets: TwinMarkets
  readonly #faults: Faults
  readonly #random: Prng
  readonly #clock: TwinClock
  readonly #subscribers = new Set<Subscriber>()
  /** A frame that waits to come behind the next one. */
  #held: TwinFrame | undefined

  constructor(of: { markets: TwinMarkets; clock: TwinClock; faults: Faults; random: Prng }) {
    this.#clock = of.clock
    this.#markets = of.markets
    this.#faults = of.faults
    this.#random = of.random
  }

  get connections(): number {
    return this.#subscribers.size
  }

  /** Tells everyone whom it concerns, through whatever goes wrong at the moment. */
  send(frame: TwinFrame): void {
    const faults = this.#faults
    if (faults.isOn('stall') || faults.isOn('half-open')) return
    if (faults.isOn('drop-frames') && this.#random.oneIn(4)) return
    if (faults.isOn('garbage-frames') && this.#random.oneIn(10)) {
      this.#tell({ ...frame, text: frame.text.slice(0, frame.text.length / 2) })
      return
    }
    if (faults.isOn('reorder-frames') && this.#held === undefined && this.#random.oneIn(3)) {
      this.#held = frame
      return
    }
    this.#tell(frame)
    if (faults.isOn('duplicate-frames') && this.#random.oneIn(3)) this.#tell(frame)
    const held = this.#held
    this.#held = undefined
    if (held) this.#tell(held)
  }

  /** Drops every connection without a word. */
  drop(): void {
    for (const { socket } of this.#subscribers) socket.terminate()
  }

  #tell(frame: TwinFrame): void {
    const delayMs = this.#faults.isOn('delay-frames') ? DELAYED_MS : 0
    for (const { socket, assets, hasCustom } of this.#subscribers) {
      const isWanted =
        frame.isCustom === true ? hasCustom : frame.assets.some(asset => assets.has(asset))
      if (!isWanted) continue
      if (delayMs === 0) socket.send(frame.text)
      else
        this.#clock.after(delayMs, () => {
          if (socket.readyState === socket.OPEN) socket.send(frame.text)
        })
    }
  }

  /** Serves a connection. */
  serve(socket: WebSocket): void {
    const subscriber: Subscriber = { socket, assets: new Set(), hasCustom: false }
    this.#subscribers.add(subscriber)
    socket.on('close', () => this.#subscribers.delete(subscriber))
    socket.on('error', () => {
      socket.terminate()
    })
    socket.on('message', (data: Buffer) => {
      if (this.#faults.isOn('half-open')) return
      const text = data.toString()
      if (text === 'PING') socket.send('PONG')
      else this.#requested(subscriber, text)
    })
  }

  #requested(subscriber: Subscriber, text: string): void {
    const { assets, socket } = subscriber
    const request = requestIn(text)
    if (!request) {
      socket.send('INVALID OPERATION')
      return
    }
    if (request.operation === 'unsubscribe') {
      for (const asset of request.assets) assets.delete(asset)
      return
    }
    if (request.isCustom) subscriber.hasCustom = true
    const fresh = request.assets.filter(asset => !assets.has(asset))
    if (fresh.length === 0) {
      socket.send('NO NEW ASSETS')
      return
    }
    for (const asset of fresh) assets.add(asset)
    const isStalled = this.#faults.isOn('stall')
    if (isStalled || !request.isDumped || assets.size > SNAPSHOTS_MAX) return
    const books = fresh.flatMap(asset => this.#markets.books.get(asset)?.message() ?? [])
    if (books.length > 0) socket.send(`[${books.join()}]\n`)
  }
}

interface Requested {
  readonly operation: 'subscribe' | 'unsubscribe'
  readonly assets: readonly string[]
  readonly isCustom: boolean
  readonly isDumped: boolean
}

function requestIn(text: string): Requested | undefined {
  try {
    const said = JSON.parse(text) as Readonly<Record<string, unknown>>
    const assets = said['assets_ids']
    const isList = Array.isArray(assets) && assets.every(one => typeof one === 'string')
    const operation = said['operation'] ?? (said['type'] === 'market' ? 'subscribe' : undefined)
    if (!isList || (operation !== 'subscribe' && operation !== 'unsubscribe')) return undefined
    return {
      ...{ operation, assets },
      isCustom: said['custom_feature_enabled'] === true,
      isDumped: said['initial_dump'] !== false,
    }
  } catch {
    return undefined
  }
}
