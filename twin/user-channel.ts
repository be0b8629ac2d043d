import type { WebSocket } from 'ws'
import type { Prng } from '#engine/feeds/simulator/prng.js'
import { jsonOf } from './answer.js'
import type { Credentials, Keys } from './auth/credentials.js'
import type { TwinClock } from './clock.js'
import type { UserFrame } from './exchange/views.js'
import type { Faults } from './faults.js'

/** How much later frames are told by script, ms: all of them, and fills. */
const [DELAYED_MS, LATE_FILLS_MS] = [200, 3_000]
/** Longest wait of a frame for one that it could come behind, ms. */
const HELD_MS = 1_000

interface Listener {
  readonly socket: WebSocket
  owner: Credentials | undefined
  /** Conditions that it wants to hear of; all where there is none. */
  readonly markets: Set<string>
}

/** The user channel: what becomes of an owner's orders and trades, to every connection that proves to be theirs. */
export class UserChannel {
  readonly #keys: Keys
  readonly #clock: TwinClock
  readonly #faults: Faults
  readonly #random: Prng
  readonly #listeners = new Set<Listener>()
  /** A frame that waits to come behind the next one. */
  #held: UserFrame | undefined
  /** Frames told so far. */
  frames = 0

  constructor(of: { keys: Keys; clock: TwinClock; faults: Faults; random: Prng }) {
    this.#keys = of.keys
    this.#clock = of.clock
    this.#faults = of.faults
    this.#random = of.random
  }

  /** Tells an owner, through whatever goes wrong at the moment. */
  send(frame: UserFrame): void {
    const faults = this.#faults
    if (faults.isOn('stall-user')) return
    if (faults.isOn('drop-user-frames') && this.#random.oneIn(2)) return
    const lateMs = Math.max(
      frame.lateMs ?? 0,
      faults.isOn('delay-user-frames') ? DELAYED_MS : 0,
      frame.kind !== 'order' && faults.isOn('late-fills') ? LATE_FILLS_MS : 0,
    )
    if (faults.isOn('reorder-user-frames') && this.#held === undefined && this.#random.oneIn(2)) {
      this.#held = frame
      this.#clock.after(HELD_MS, () => {
        this.#release(0)
      })
      return
    }
    this.#tell(frame, lateMs)
    if (frame.kind === 'trade' && faults.isOn('duplicate-fills')) this.#tell(frame, lateMs)
    this.#release(lateMs)
  }

  /** Tells the frame that waited. */
  #release(lateMs: number): void {
    const held = this.#held
    this.#held = undefined
    if (held) this.#tell(held, lateMs)
  }

  /** Serves a connection: nothing is told before its first message has proven whose it is. */
  serve(socket: WebSocket): void {
    const listener: Listener = { socket, owner: undefined, markets: new Set() }
    this.#listeners.add(listener)
    socket.on('close', () => this.#listeners.delete(listener))
    socket.on('error', () => {
      socket.terminate()
    })
    socket.on('message', (data: Buffer) => {
      const text = data.toString()
      if (text === 'PING') socket.send('PONG')
      else this.#requested(listener, text)
    })
  }

  get connections(): number {
    return this.#listeners.size
  }

  /** Drops every connection without a word. */
  drop(): void {
    for (const { socket } of this.#listeners) socket.terminate()
  }

  #requested(listener: Listener, text: string): void {
    const value: unknown = jsonOf(text)
    const request = typeof value === 'object' && value !== null ? { ...value } : {}
    const { auth, type, operation, markets = [] } = request as Readonly<Record<string, unknown>>
    const named = Array.isArray(markets) ? markets.filter(one => typeof one === 'string') : []
    if (type === 'user' && typeof auth === 'object' && auth !== null) {
      const isRefused = this.#faults.isOn('unauthorized')
      listener.owner = isRefused ? undefined : this.#keys.connectedBy({ ...auth })
      // As the venue does it: who is not known is sent away.
      if (!listener.owner) listener.socket.close(1008, 'Unauthorized')
    } else if (!listener.owner || (operation !== 'subscribe' && operation !== 'unsubscribe')) {
      listener.socket.send('INVALID OPERATION')
      return
    }
    for (const market of named)
      if (operation === 'unsubscribe') listener.markets.delete(market)
      else listener.markets.add(market)
  }

  #tell(frame: UserFrame, lateMs: number): void {
    if (lateMs > 0)
      this.#clock.after(lateMs, () => {
        this.#write(frame)
      })
    else this.#write(frame)
  }

  #write({ address, market, text }: UserFrame): void {
    this.frames++
    for (const { socket, owner, markets } of this.#listeners) {
      if (owner?.address !== address || socket.readyState !== socket.OPEN) continue
      if (markets.size === 0 || markets.has(market)) socket.send(text)
    }
  }
}
