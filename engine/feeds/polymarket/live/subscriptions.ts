import { KeptSocket, type SocketRules } from '#engine/transport/kept-socket.js'

/** How many assets one connection is subscribed to. Beyond some 500 the venue sends no books. Reported of the venue, 2026. */
export const PER_CONNECTION = 250

/** Who hears the market channel. */
export interface ChannelUser {
  /** One frame, and the connection that brought it. */
  readonly frame: (bytes: Buffer, shard: Shard) => void
  /** A connection was lost: what is said of its assets until they are stated anew is missing. */
  readonly lost: (shard: Shard, why: string) => void
  /** A connection is open and has asked for the books of its assets. */
  readonly opened: (shard: Shard) => void
  readonly silent: (shard: Shard) => void
}

/** One connection and the assets that it is subscribed to. */
export interface Shard {
  /** From 1. */
  readonly number: number
  readonly assets: Set<string>
  readonly socket: KeptSocket
  /** The latest of the venue's times that the connection has brought, µs. */
  saidUs: number
  /** Assets whose books it was asked for and has not sent since it was opened. */
  readonly awaited: Set<string>
  /** When it was last opened, ms; 0: never. */
  openedMs: number
  /** How often in a row it was given up because it sent no books. */
  deafTimes: number
  /** Whether the first message, which has a form of its own, was sent since it was opened. */
  hasBegun: boolean
}

/** Subscriptions to the market channel, spread over as many connections as they need. */
export class Subscriptions {
  readonly #url: string
  readonly #user: ChannelUser
  readonly #how: { readonly rules: SocketRules; readonly chance: () => number }
  readonly #perConnection: number
  readonly #shards: Shard[] = []
  readonly #shardOf = new Map<string, Shard>()
  #isClosed = false

  constructor(
    url: string,
    user: ChannelUser,
    of: { rules: SocketRules; chance: () => number; perConnection?: number },
  ) {
    this.#url = url
    this.#user = user
    this.#how = of
    this.#perConnection = of.perConnection ?? PER_CONNECTION
  }

  get shards(): readonly Shard[] {
    return this.#shards
  }

  /** The connection that an asset is subscribed on. */
  shardOf(asset: string): Shard | undefined {
    return this.#shardOf.get(asset)
  }

  /** Subscribes to more assets; those that are subscribed already are left out. */
  add(assets: readonly string[]): void {
    if (this.#isClosed) return
    const fresh = [...new Set(assets)].filter(asset => !this.#shardOf.has(asset))
    for (let at = 0; at < fresh.length;) {
      const shard = this.#withRoom()
      const some = fresh.slice(at, at + this.#perConnection - shard.assets.size)
      for (const asset of some) {
        shard.assets.add(asset)
        shard.awaited.add(asset)
        this.#shardOf.set(asset, shard)
      }
      this.#subscribe(shard, some)
      at += some.length
    }
  }

  /** Ends the subscription to assets. */
  remove(assets: readonly string[]): void {
    for (const shard of this.#shards) {
      const gone = assets.filter(asset => shard.assets.delete(asset))
      for (const asset of gone) shard.awaited.delete(asset)
      for (const asset of gone) this.#shardOf.delete(asset)
      if (gone.length > 0)
        shard.socket.send(JSON.stringify({ operation: 'unsubscribe', assets_ids: gone }))
    }
  }

  /** For good: nothing is opened any more. */
  close(): void {
    this.#isClosed = true
    for (const { socket } of this.#shards) socket.close()
  }

  /** Asks for books and changes. What is not sent, as the connection is not open, is asked for when it is. */
  #subscribe(shard: Shard, assets: readonly string[]): void {
    const { socket } = shard
    if (!socket.isOpen || assets.length === 0) return
    // The first message has to come at once, and it has another form than later ones.
    const form = shard.hasBegun ? { operation: 'subscribe' } : { type: 'market' }
    shard.hasBegun = true
    socket.send(JSON.stringify({ assets_ids: assets, ...form, custom_feature_enabled: true }))
  }

  #withRoom(): Shard {
    const known = this.#shards.find(({ assets }) => assets.size < this.#perConnection)
    if (known) return known
    const user = this.#user
    const socket = new KeptSocket(
      this.#url,
      {
        opened: () => {
          shard.hasBegun = false
          shard.awaited.clear()
          for (const asset of shard.assets) shard.awaited.add(asset)
          this.#subscribe(shard, [...shard.assets])
          user.opened(shard)
        },
        frame: bytes => {
          user.frame(bytes, shard)
        },
        lost: why => {
          user.lost(shard, why)
        },
        silent: () => {
          user.silent(shard)
        },
      },
      this.#how,
    )
    const shard: Shard = {
      number: this.#shards.length + 1,
      ...{ assets: new Set<string>(), awaited: new Set<string>() },
      ...{ socket, saidUs: 0, openedMs: 0, deafTimes: 0, hasBegun: false },
    }
    this.#shards.push(shard)
    socket.open()
    return shard
  }
}
