import { failure, jsonOf, ok, type Answer, type Asked } from '../answer.js'
import { TwinClock } from '../clock.js'
import { Faults, type ScriptedFault } from '../faults.js'
import { TwinServer } from '../server.js'
import type { WallClock } from '#engine/core/wall-clock.js'
import { TwinCatalogue } from './catalogue.js'
import { bookText } from './step-books.js'
import { spoiled } from './spoil.js'
import { TwinXTracker } from './xtracker.js'

/** How far the venue's clock is ahead by script, ms. */
const SKEW_MS = 60_000
/** How long a slow answer takes, ms. */
const SLOW_MS = 2_000
/** Entries of the page before that come again by script. */
const OVERLAP = 7
/** Most books of one answer. */
const BOOKS_MAX = 500

/** What sources of collectors are made of. */
export interface SourcesOptions {
  readonly seed: number
  readonly handles: readonly string[]
  /** Markets that are open at any time beside those about posts. */
  readonly markets: number
  /** Levels of each side of every book; some, now and then many, where nothing is said. */
  readonly levels?: number
  readonly faults?: readonly ScriptedFault[]
  readonly clock?: WallClock
  /** 0 for any port that is free. */
  readonly port?: number
}

/**
 * The counterpart of what collectors ask: XTracker (`/xtracker`), Gamma's catalogue (`/gamma`) and books of the CLOB, of which all is a function
 * of seed and time. So a test knows what was true whenever anything was asked.
 */
export class TwinSources {
  readonly xtracker: TwinXTracker
  readonly catalogue: TwinCatalogue
  readonly faults: Faults
  readonly server: TwinServer
  readonly #clock: TwinClock
  readonly #port: number
  readonly #levels: number | undefined
  /** Answers by place and status. */
  readonly counts = new Map<string, number>()

  constructor(of: SourcesOptions) {
    const clock = new TwinClock(of.clock)
    const beginMs = clock.nowMs()
    this.#clock = clock
    this.#port = of.port ?? 0
    this.#levels = of.levels
    this.faults = new Faults(of.faults ?? [], () => clock.nowMs() - beginMs)
    this.xtracker = new TwinXTracker({ seed: of.seed, handles: of.handles, beginMs })
    this.catalogue = new TwinCatalogue({
      seed: of.seed,
      beginMs,
      others: of.markets,
      xtracker: this.xtracker,
    })
    this.server = new TwinServer({
      ...{ clock, faults: this.faults, channels: new Map() },
      answer: asked => this.answer(asked),
    })
  }

  /** Begins to serve; the base address, without a slash. */
  async start(): Promise<string> {
    return await this.server.start(this.#port)
  }

  async stop(): Promise<void> {
    this.#clock.stop()
    await this.server.stop()
  }

  /** How long the answer of this moment takes by script, ms. */
  get delayMs(): number {
    return this.faults.isOn('rest-slow') ? SLOW_MS : 0
  }

  /** The answer to a request of this moment. */
  answer(asked: Asked): Answer {
    const answer = spoiled(this.#answer(asked), this.faults)
    const [, place = ''] = /^(\/(?:xtracker|gamma)|\/books?)/.exec(asked.path) ?? []
    const key = `${place} ${answer.never ?? answer.status}`
    this.counts.set(key, (this.counts.get(key) ?? 0) + 1)
    return answer
  }

  #answer({ method, path, query, body }: Asked): Answer {
    const nowMs = this.#clock.nowMs()
    const found = path.startsWith('/xtracker/')
      ? this.xtracker.answer(path.slice('/xtracker'.length), query, nowMs)
      : path.startsWith('/gamma/')
        ? this.catalogue.answer(
            path.slice('/gamma'.length),
            query,
            nowMs,
            this.faults.isOn('duplicate-pages') ? OVERLAP : 0,
          )
        : method === 'POST' && path === '/books'
          ? this.#books(body, nowMs)
          : undefined
    return found ?? failure(404, 'not found')
  }

  #books(body: string, nowMs: number): Answer {
    const asked = jsonOf(body)
    if (!Array.isArray(asked) || asked.length > BOOKS_MAX) return failure(400, 'Invalid payload')
    const marketOf = new Map(
      this.catalogue
        .open(nowMs)
        .flatMap(({ tokens, conditionId }) => tokens.map(token => [token, conditionId] as const)),
    )
    const skewMs = this.faults.isOn('clock-skew') ? SKEW_MS : 0
    const books = (asked as readonly Readonly<Record<string, unknown>>[]).flatMap(
      ({ token_id: id }) => {
        const token = String(id)
        const market = marketOf.get(token)
        return market === undefined
          ? []
          : [bookText({ token, market, nowMs, skewMs, deep: this.#levels })]
      },
    )
    return ok(`[${books.join()}]`)
  }
}
