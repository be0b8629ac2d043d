import { setTimeout as pause } from 'node:timers/promises'
import { KeptSocket, SOCKET_RULES } from '#engine/transport/kept-socket.js'
import { channelAuthOf } from '#engine/gateways/polymarket/sign/auth.js'
import type { Credentials } from '#engine/gateways/polymarket/sign/credentials.js'
import { orderFrameOf } from '#engine/gateways/polymarket/wire/order-state.js'
import { jsonOf } from '#engine/gateways/polymarket/wire/texts.js'

/** Longest wait for the channel to be there, ms; and how soon one that refuses what it was told is closed again. */
const [OPEN_MS, SETTLE_MS] = [5_000, 250]

/** One thing that the user channel said of an order. */
export interface Heard {
  readonly type: 'placement' | 'update' | 'cancellation'
  readonly status: string
  /** When it came, µs since the epoch. */
  readonly atUs: number
}

/** A second ear on the user channel, besides the engine's own: what the venue says there of each order, and when. */
export class UserProbe {
  /** By order hash, lower case. */
  readonly heard = new Map<string, Heard[]>()
  /** Why it was lost last; empty while it never was. */
  lost = ''
  readonly #socket: KeptSocket
  #openedMs = 0

  constructor(url: string, credentials: Credentials, nowUs: () => number) {
    this.#socket = new KeptSocket(
      url,
      {
        opened: socket => {
          this.#openedMs = performance.now()
          socket.send(JSON.stringify({ auth: channelAuthOf(credentials), type: 'user' }))
        },
        frame: bytes => {
          this.#frame(jsonOf(bytes.toString('utf8')), nowUs())
        },
        lost: why => {
          this.#openedMs = 0
          this.lost = why
        },
        silent: () => undefined,
      },
      { rules: SOCKET_RULES, chance: Math.random },
    )
  }

  /** Opens it; whether it was there in time and stayed. */
  async open(): Promise<boolean> {
    this.#socket.open()
    for (let waitedMs = 0; waitedMs < OPEN_MS; waitedMs += SETTLE_MS) {
      await pause(SETTLE_MS)
      const sinceMs = performance.now() - this.#openedMs
      if (this.#openedMs > 0 && sinceMs >= SETTLE_MS) return true
    }
    return false
  }

  close(): void {
    this.#socket.close()
  }

  #frame(value: unknown, atUs: number): void {
    for (const one of Array.isArray(value) ? (value as readonly unknown[]) : [value]) {
      const frame = orderFrameOf(one)
      if ('odd' in frame) continue
      const { hash, type, status } = frame
      const known = this.heard.get(hash) ?? []
      known.push({ type, status, atUs })
      this.heard.set(hash, known)
    }
  }
}
