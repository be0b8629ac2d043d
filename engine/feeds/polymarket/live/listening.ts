import { FeedLost, FeedResumed } from '#schemas/events/feed.js'
import { CHANGE } from '#schemas/levels.js'
import { FeedFault, type FeedInput, type Opening } from '../../feed.js'
import { lagOf } from '../../lag.js'
import { Batches } from './batches.js'
import { BookWatch } from './book-watch.js'
import { discovered } from './discovered.js'
import { discover, type Found } from './discovery.js'
import { SOCKET_RULES } from '#engine/transport/kept-socket.js'
import { LiveDecoder, type Decoded } from './live-decoder.js'
import { RestBooks } from './rest-books.js'
import { EVERY, type LiveFeedOptions, type LiveFeedStatus } from './live-options.js'
import { missedTrades, type MissedTrades } from './missed-trades.js'
import { MarketRest } from './rest.js'
import { Subscriptions, type Shard } from './subscriptions.js'

/** One opening of the feed. */
export class Listening {
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
  readonly #watch: BookWatch
  readonly #trades: MissedTrades | undefined
  /** Assets of markets that are decided. */
  readonly #retired = new Set<string>()
  #skipped: Found['skipped'] = new Map()
  #isLost = false
  #counts = { frames: 0, lost: 0 }

  constructor(of: LiveFeedOptions, { signal, instruments }: Opening) {
    this.#of = of
    this.#signal = signal
    this.#name = instruments.feed === '' ? 'polymarket' : instruments.feed
    this.#decoder = new LiveDecoder(instruments, 'polymarket', of.reader?.())
    this.#rest = new MarketRest(of.clob, signal)
    this.#gamma = new MarketRest(of.gamma, signal)
    const user = {
      nowUs: () => this.#nowUs,
      say: (inputs: readonly FeedInput[]) => {
        this.#say(inputs)
      },
      gaveUp: (asset: string) => this.#channel.shardOf(asset)?.awaited.delete(asset),
      meanwhile: (work: Promise<void>) => {
        this.#meanwhile(work)
      },
    }
    this.#trades = missedTrades(of.data, { ...user, signal, decoder: this.#decoder })
    this.#books = new RestBooks({ rest: this.#rest, decoder: this.#decoder, user })
    this.#channel = new Subscriptions(
      of.channel,
      {
        frame: (bytes, shard) => {
          try {
            this.#frame(bytes, shard)
          } catch (error) {
            this.#broken(error)
          }
        },
        lost: (shard, why) => {
          this.#lostShard(shard, why)
        },
        opened: shard => {
          this.#opened(shard)
        },
        silent: shard => {
          this.#meanwhile(this.#watch.probe(shard))
        },
      },
      {
        rules: { ...SOCKET_RULES, ...of.rules },
        chance: of.chance,
        ...(of.perConnection !== undefined && { perConnection: of.perConnection }),
      },
    )
    this.#watch = new BookWatch(
      { channel: this.#channel, books: this.#books, decoder: this.#decoder },
      {
        ...{ lookMs: of.lookMs ?? EVERY.lookMs, ageMs: of.restAgeMs ?? EVERY.restAgeMs },
        nowMs: () => this.#nowMs,
      },
    )
  }

  async *inputs(): AsyncGenerator<readonly FeedInput[]> {
    const end = (): void => {
      this.#end()
    }
    try {
      const found = await this.#discovered()
      if (found.meta.length === 0)
        throw new FeedFault('no market is in the universe', this.#of.gamma, 'at least one market')
      this.#listen(found)
      this.#signal.addEventListener('abort', end)
      if (this.#signal.aborted) end()
      this.#every(this.#of.lookMs ?? EVERY.lookMs, () => this.#look())
      this.#every(this.#of.refreshMs ?? EVERY.refreshMs, () => this.#refresh())
      yield* this.#batches.taken()
    } finally {
      this.#signal.removeEventListener('abort', end)
      for (const timer of this.#timers) clearInterval(timer)
      this.#channel.close()
      await Promise.all([this.#rest.close(), this.#gamma.close(), this.#trades?.close()])
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
    this.#meanwhile(this.#books.fetch())
  }

  get #nowUs(): number {
    return this.#of.clock.nowUs()
  }

  get #nowMs(): number {
    return Math.floor(this.#nowUs / 1_000)
  }

  #every(ms: number, work: () => Promise<void>): void {
    if (ms > 0) this.#timers.push(setInterval(() => this.#meanwhile(work()), ms))
  }

  #meanwhile(work: Promise<void>): void {
    work.catch((error: unknown) => {
      this.#broken(error)
    })
  }

  /** We were wrong: the feed ends, and who hears it is told why. */
  #broken(error: unknown): void {
    this.#batches.end(error instanceof Error ? error : new Error(String(error)))
  }

  async #discovered(): Promise<Found> {
    const { universe } = this.#of
    const of = { rest: this.#gamma, universe, nowMs: () => this.#nowMs, signal: this.#signal }
    return await discovered(of, ({ message, where }) => {
      this.#say(this.#decoder.refuse(message, where, this.#nowUs))
    })
  }

  /** Lists markets that are new and subscribes to them. */
  #listen({ meta, skipped }: Found): void {
    this.#skipped = skipped
    this.#say(this.#decoder.introduce(meta, this.#nowUs))
    const { heardMs } = this.#books
    this.#trades?.list(meta)
    const assets = meta
      .flatMap(({ tokens }) => tokens.map(({ key }) => key))
      .filter(asset => !this.#retired.has(asset))
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
      this.#trades?.heard(event)
      if (type === 'BookSnapshot') {
        shard.awaited.delete(this.#assetOf[data.token] ?? '')
        this.#note(data.token, nowMs)
        shard.deafTimes = 0
      }
      if (type === 'MarketResolved') this.#retire(data.payouts.map(([token]) => token))
      if (type === 'BookChanged')
        for (let i = 0; i < data.d.length; i += CHANGE) this.#note(data.d[i]!, nowMs)
      shard.saidUs = Math.max(shard.saidUs, nowUs - lagOf(event))
    }
  }

  /** What is decided is heard no more: markets of an hour come and go all day. Where nobody said who won, that is still to come. */
  #retire(tokens: readonly number[]): void {
    const assets = tokens.flatMap(token => this.#assetOf[token] ?? [])
    this.#channel.remove(assets)
    for (const asset of assets) this.#retired.add(asset)
    for (const asset of assets) this.#books.retire(asset)
  }

  #note(token: number, nowMs: number): void {
    const asset = this.#assetOf[token]
    const { heardMs } = this.#books
    if (asset !== undefined && heardMs.has(asset)) heardMs.set(asset, nowMs)
  }

  #lostShard(shard: Shard, why: string): void {
    this.#counts.lost++
    const nowUs = this.#nowUs
    this.#trades?.lost(shard)
    const said = `connection ${shard.number}: ${why}`
    this.#say(this.#decoder.lose(shard.assets, said, nowUs))
    if (this.#isLost || this.#channel.shards.some(({ socket }) => socket.isOpen)) return
    this.#isLost = true
    this.#say([{ tUs: nowUs, event: FeedLost.make({ feed: this.#name, why: said }) }])
  }

  #opened(shard: Shard): void {
    shard.openedMs = this.#nowMs
    if (this.#trades) this.#meanwhile(this.#trades.opened(shard))
    if (!this.#isLost) return
    this.#isLost = false
    this.#say([{ tUs: this.#nowUs, event: FeedResumed.make({ feed: this.#name }) }])
  }

  async #look(): Promise<void> {
    this.#take(this.#decoder.tick(this.#nowUs))
    await this.#watch.look()
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
    const why = `overflow: ${this.#batches.drop(inputs)} inputs were dropped`
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
