import { FeedLost, FeedResumed } from '#schemas/events/feed.js'
import { CHANGE } from '#schemas/levels.js'
import { FeedFault, type FeedEvent, type FeedInput, type Opening } from '../../feed.js'
import { Batches } from './batches.js'
import { discover, type Found } from './discovery.js'
import { SOCKET_RULES } from './kept-socket.js'
import { LiveDecoder, type Decoded } from './live-decoder.js'
import { RestBooks } from './rest-books.js'
import type { LiveFeed, LiveFeedOptions, LiveFeedStatus } from './live-options.js'
import { MarketRest } from './rest.js'
import { Subscriptions, type Shard } from './subscriptions.js'

const LOOK_MS = 2_000
const REST_AGE_MS = 60_000
const REFRESH_MS = 300_000
/** Times that the venue is asked for its markets before the feed gives up. */
const DISCOVERY_TRIES = 6
/** Assets of a silent connection that are compared with REST. */
const PROBED = 20

/** Polymarket's market data as it happens: the market channel first, REST for whatever it does not say or seems to have lost. */
export function polymarketLive(options: LiveFeedOptions): LiveFeed {
  let listening: Listening | undefined
  return {
    source: 'polymarket',
    isReceived: true,
    status: () => listening?.status(),
    requestSnapshot: token => listening?.want(token),
    async *open(opening: Opening) {
      listening = new Listening(options, opening)
      yield* listening.inputs()
    },
  }
}

/** One opening of the feed. */
class Listening {
  readonly #of: LiveFeedOptions
  readonly #signal: AbortSignal
  readonly #name: string
  readonly #decoder: LiveDecoder
  readonly #batches = new Batches()
  readonly #books: RestBooks
  readonly #rest: MarketRest
  readonly #gamma: MarketRest
  readonly #channel: Subscriptions
  readonly #assetOf: string[] = []
  readonly #timers: NodeJS.Timeout[] = []
  #skipped: Found['skipped'] = new Map()
  #isLost = false
  #counts = { frames: 0, lost: 0 }

  constructor(of: LiveFeedOptions, { signal, instruments }: Opening) {
    this.#of = of
    this.#signal = signal
    this.#name = instruments.feed === '' ? 'polymarket' : instruments.feed
    this.#decoder = new LiveDecoder(instruments, 'polymarket')
    this.#rest = new MarketRest(of.clob, signal)
    this.#gamma = new MarketRest(of.gamma, signal)
    const user = {
      nowUs: () => this.#nowUs,
      say: (inputs: readonly FeedInput[]) => {
        this.#say(inputs)
      },
    }
    this.#books = new RestBooks({ rest: this.#rest, decoder: this.#decoder, user })
    this.#channel = new Subscriptions(
      of.channel,
      {
        frame: (bytes, shard) => {
          this.#frame(bytes, shard)
        },
        lost: (shard, why) => {
          this.#lostShard(shard, why)
        },
        opened: shard => {
          this.#opened(shard)
        },
        silent: shard => void this.#probe(shard),
      },
      {
        rules: { ...SOCKET_RULES, ...of.rules },
        chance: of.chance,
        ...(of.perConnection !== undefined && { perConnection: of.perConnection }),
      },
    )
  }

  async *inputs(): AsyncGenerator<readonly FeedInput[]> {
    try {
      const found = await this.#discovered()
      if (found.meta.length === 0)
        throw new FeedFault('no market is in the universe', this.#of.gamma, 'at least one market')
      this.#listen(found)
      this.#signal.addEventListener('abort', () => {
        this.#end()
      })
      if (this.#signal.aborted) this.#end()
      this.#every(this.#of.lookMs ?? LOOK_MS, () => void this.#look())
      this.#every(this.#of.refreshMs ?? REFRESH_MS, () => void this.#refresh())
      yield* this.#batches.taken()
    } finally {
      for (const timer of this.#timers) clearInterval(timer)
      this.#channel.close()
      await Promise.all([this.#rest.close(), this.#gamma.close()])
    }
  }

  status(): LiveFeedStatus {
    const { shards } = this.#channel
    return {
      ...this.#counts,
      ...this.#books.counts,
      connections: shards.length,
      open: shards.filter(({ socket }) => socket.isOpen).length,
      assets: this.#books.heardMs.size,
      skipped: Object.fromEntries(this.#skipped),
      rest: { ...this.#rest.counts },
      report: this.#decoder.report(),
    }
  }

  /** The whole book of a token is wanted. */
  want(token: number): void {
    const asset = this.#assetOf[token]
    if (asset === undefined) return
    this.#books.want(asset)
    void this.#books.fetch()
  }

  get #nowUs(): number {
    return this.#of.clock.nowUs()
  }

  get #nowMs(): number {
    return Math.floor(this.#nowUs / 1_000)
  }

  #every(ms: number, work: () => void): void {
    if (ms > 0) this.#timers.push(setInterval(work, ms))
  }

  /** The universe as it is at the start: a venue that fails is asked again a few times. */
  async #discovered(): Promise<Found> {
    for (let tries = 1; ; tries++)
      try {
        return await discover(this.#gamma, this.#of.universe, this.#nowMs)
      } catch (error) {
        const isOver = tries === DISCOVERY_TRIES || this.#signal.aborted
        if (!(error instanceof FeedFault) || isOver) throw error
        this.#say(this.#decoder.refuse(error.message, error.where, this.#nowUs))
        await new Promise(resolve => setTimeout(resolve, 250 * 2 ** tries))
      }
  }

  /** Lists markets that are new and subscribes to them. */
  #listen({ meta, skipped }: Found): void {
    this.#skipped = skipped
    this.#say(this.#decoder.introduce(meta, this.#nowUs))
    const assets = meta.flatMap(({ tokens }) => tokens.map(({ key }) => key))
    const { heardMs } = this.#books
    for (const asset of assets) {
      const token = this.#decoder.token(asset)
      if (token !== undefined) this.#assetOf[token] = asset
      if (!heardMs.has(asset)) heardMs.set(asset, this.#nowMs)
    }
    this.#channel.add(assets)
  }

  #frame(bytes: Buffer, shard: Shard): void {
    const nowUs = this.#nowUs
    this.#counts.frames++
    this.#of.onRaw?.(bytes, nowUs, shard.number)
    const first = bytes[0]
    if (first !== OPEN_LIST && first !== OPEN_OBJECT) {
      this.#answered(bytes.toString('utf8').trim(), shard, nowUs)
      return
    }
    this.#books.keep(bytes)
    const decoded = this.#decoder.frame(bytes, nowUs)
    this.#heard(decoded.inputs, shard, nowUs)
    this.#take(decoded, shard)
  }

  /** Hands on what a frame, or time itself, brought; what is in doubt behind it is fetched. */
  #take(decoded: Decoded, shard?: Shard): void {
    this.#say(decoded.inputs)
    this.#books.judge(decoded)
    if (decoded.fault !== undefined && shard) this.#books.doubt([...shard.assets], decoded.fault)
  }

  /** What the venue answers in plain words. */
  #answered(text: string, shard: Shard, nowUs: number): void {
    if (text === 'NO NEW ASSETS' || text === '') return
    this.#say(this.#decoder.refuse('an answer in plain words', text, nowUs))
    if (text === 'INVALID OPERATION') shard.socket.restart('a subscription was refused')
  }

  #heard(inputs: readonly FeedInput[], shard: Shard, nowUs: number): void {
    const nowMs = Math.floor(nowUs / 1_000)
    for (const { event } of inputs) {
      const { type, data } = event
      if (type === 'BookSnapshot') shard.awaited.delete(this.#assetOf[data.token] ?? '')
      if (type === 'BookSnapshot') this.#note(data.token, nowMs)
      if (type === 'BookChanged')
        for (let i = 0; i < data.d.length; i += CHANGE) this.#note(data.d[i]!, nowMs)
      shard.saidUs = Math.max(shard.saidUs, nowUs - lagOf(event))
    }
  }

  #note(token: number, nowMs: number): void {
    const asset = this.#assetOf[token]
    if (asset !== undefined) this.#books.heardMs.set(asset, nowMs)
  }

  #lostShard(shard: Shard, why: string): void {
    this.#counts.lost++
    const nowUs = this.#nowUs
    const said = `connection ${shard.number}: ${why}`
    this.#say(this.#decoder.lose(shard.assets, said, nowUs))
    if (this.#isLost || this.#channel.shards.some(({ socket }) => socket.isOpen)) return
    this.#isLost = true
    this.#say([{ tUs: nowUs, event: FeedLost.make({ feed: this.#name, why: said }) }])
  }

  #opened(shard: Shard): void {
    shard.openedMs = this.#nowMs
    if (!this.#isLost) return
    this.#isLost = false
    this.#say([{ tUs: this.#nowUs, event: FeedResumed.make({ feed: this.#name }) }])
  }

  /** Looks for books that never came, and for those of which nothing was said for a while. */
  async #look(): Promise<void> {
    this.#take(this.#decoder.tick(this.#nowUs))
    const now = this.#nowMs
    const lookMs = this.#of.lookMs ?? LOOK_MS
    const ageMs = this.#of.restAgeMs ?? REST_AGE_MS
    const old: string[] = []
    for (const shard of this.#channel.shards) {
      if (!shard.socket.isOpen || now - shard.openedMs < lookMs) continue
      for (const asset of shard.awaited) this.#books.want(asset)
      // A few books may not exist. Where most are missing the subscription itself was lost.
      const isDeaf = shard.awaited.size * 2 > shard.assets.size
      if (isDeaf && now - shard.openedMs >= 2 * lookMs)
        shard.socket.restart('it does not send the books that it was asked for')
    }
    for (const [asset, heardMs] of this.#books.heardMs)
      if (ageMs > 0 && now - heardMs >= ageMs) old.push(asset)
    await this.#books.fetch()
    if (old.length > 0) await this.#books.compare(old)
  }

  /** A connection that says nothing: it is given up where REST knows more. */
  async #probe(shard: Shard): Promise<void> {
    const some = [...shard.assets].slice(0, PROBED)
    if (await this.#books.compare(some, shard.saidUs))
      shard.socket.restart('it is silent although there is news')
  }

  async #refresh(): Promise<void> {
    try {
      this.#listen(await discover(this.#gamma, this.#of.universe, this.#nowMs))
    } catch (error) {
      if (!(error instanceof FeedFault)) throw error
      this.#say(this.#decoder.refuse(error.message, error.where, this.#nowUs))
    }
  }

  /** Hands inputs over. Where too many wait, what waits is dropped, the feed is lost, and its connections begin anew. */
  #say(inputs: readonly FeedInput[]): void {
    if (inputs.length === 0 || this.#batches.add(inputs)) return
    const why = `overflow: ${this.#batches.drop()} inputs were dropped`
    this.#isLost = true
    this.#batches.add([{ tUs: this.#nowUs, event: FeedLost.make({ feed: this.#name, why }) }])
    for (const { socket } of this.#channel.shards) socket.restart(why)
  }

  #end(): void {
    this.#say(this.#decoder.end(this.#nowUs))
    this.#channel.close()
    this.#batches.end()
  }
}

const [OPEN_LIST, OPEN_OBJECT] = [91, 123]

/** How far the venue's time of a book's event lies behind its receipt, µs; for ever where it does not say. */
function lagOf({ type, data }: FeedEvent): number {
  if (type === 'BookChanged') return data.l ?? 0
  return type === 'BookSnapshot' || type === 'TradePrinted' ? (data.lag ?? 0) : Infinity
}
