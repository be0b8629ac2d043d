import { existsSync, unwatchFile, watchFile } from 'node:fs'
import type { Config } from '#schemas/config.js'
import type { WallClock } from '#engine/core/wall-clock.js'
import type { Harvester } from '#engine/harvest/harvester.js'
import { HarvestMemory } from '#engine/harvest/memory.js'
import type { HttpPort } from '#engine/harvest/ports.js'
import { folderStore } from '#engine/log/store/folder-store.js'
import type { LiveEnd } from '#engine/run/live-options.js'
import { Refusal, textOf, type Call } from '../command.js'
import { DEFAULT_FILE, loadConfig } from '../config.js'
import { freshDir, runsDirOf, stampOf } from '../runs.js'
import { changedKeys } from './changed-keys.js'
import { notifierOf, type Notifier } from './notify.js'
import { harvestRun, handlesIn, type Ran } from './one-run.js'
import { retain } from './retain.js'
import { harvestRuns, memoryOf } from './runs.js'
import { settingsOf } from './settings.js'
import { bringAll, openTables } from './tables.js'

/** How often files of the configuration are looked at, ms. */
const LOOK_MS = 1_000
const HOUR_US = 3_600_000_000
/** Runs of services, by name: those that were made once are gone on with by nobody. */
const OWN_RUN = /-harvest(-\d+)?$/
/** No collector ended for so long, ms: the watchdog is not told that all is well. */
const STILL_MS = 180_000

/** What the service has done. */
export interface Served {
  readonly runs: readonly {
    readonly dir: string
    readonly head: string
    readonly lastSeq: number
  }[]
  readonly collectorRuns: number
  readonly errors: number
  readonly missed: number
}

/** Collectors for as long as nobody stops them: one run after the other, each sealed when its time is over; a crashed one is gone on with. */
export class HarvestService {
  readonly #call: Call
  readonly #clock: WallClock
  readonly #http: HttpPort
  readonly #notifier: Notifier
  #config: Config
  #harvester: Harvester | undefined
  #ranMs = performance.now()
  readonly #counts = { collectorRuns: 0, errors: 0, missed: 0 }

  constructor(call: Call, of: { clock: WallClock; http: HttpPort }) {
    this.#call = call
    this.#clock = of.clock
    this.#http = of.http
    this.#config = loadConfig(call.values).config
    this.#notifier = notifierOf(process.env, line => this.#say('warning', line))
  }

  async run(): Promise<Served> {
    const { values, stop } = this.#call
    const runsDir = runsDirOf(values)
    const isHot = values['no-hot-reload'] !== true
    const unwatch = isHot ? this.#watch() : () => undefined
    const watchdog = this.#beat()
    const db = this.#config.harvest.tables
      ? await openTables(runsDir, { file: textOf(values, 'db') })
      : undefined
    const runs: Served['runs'][number][] = []
    try {
      let memory = new HarvestMemory()
      const store = folderStore(runsDir)
      const own = (await harvestRuns(store)).filter(({ name }) => OWN_RUN.test(name))
      const open = own.find(({ status }) => status === 'open')
      if (open)
        throw new Refusal(
          'held',
          'another process collects into this folder',
          open.run,
          'one service of collectors a folder',
        )
      const crashed = own.findLast(({ status }) => status === 'crashed')
      if (db) await bringAll(db, { store, call: this.#call, ...(crashed && { but: crashed.run }) })
      let dir = crashed?.run
      if (dir !== undefined) {
        memory = await memoryOf(dir, store)
        this.#say('info', `goes on with ${dir}`)
      }
      while (!stop.aborted) {
        dir ??= freshDir(
          { ...values, out: undefined },
          `${stampOf(this.#clock.nowUs() / 1_000)}-harvest`,
        )
        const began =
          (await store.info(dir).catch(() => undefined))?.manifest?.startedUs ?? this.#clock.nowUs()
        const end = await this.#one(dir, { memory, db, beganUs: began })
        runs.push({ dir, head: end.head, lastSeq: end.lastSeq })
        memory = HarvestMemory.after(memory)
        dir = undefined
      }
    } finally {
      unwatch()
      clearInterval(watchdog)
      await this.#notifier.tell('STOPPING=1')
      db?.close()
    }
    return { runs, ...this.#counts }
  }

  /** One run, until it is stopped or its time is over. */
  async #one(
    dir: string,
    {
      memory,
      db,
      beganUs,
    }: {
      memory: HarvestMemory
      db: Awaited<ReturnType<typeof openTables>> | undefined
      beganUs: number
    },
  ): Promise<LiveEnd> {
    const { stop, values } = this.#call
    const ends = new AbortController()
    const end = (): void => ends.abort()
    stop.addEventListener('abort', end, { once: true })
    if (stop.aborted) end()
    const lengthUs = this.#config.harvest.run_hours * HOUR_US
    const cancel = this.#clock.wakeAt((Math.floor(beganUs / lengthUs) + 1) * lengthUs, end)
    try {
      return await harvestRun({
        ...{ call: this.#call, config: this.#config, dir, memory, db, stop: ends.signal },
        ...{ clock: this.#clock, http: this.#http },
        ...(handlesIn(values) && { handles: handlesIn(values) ?? [] }),
        made: harvester => {
          this.#harvester = harvester
          this.#say('info', `collects into ${dir}`)
          void this.#notifier.tell('READY=1', `STATUS=collects into ${dir}`)
        },
        told: ran => {
          this.#told(ran, dir, db)
        },
      })
    } finally {
      this.#harvester = undefined
      cancel()
      stop.removeEventListener('abort', end)
    }
  }

  #told(ran: Ran, dir: string, db: Awaited<ReturnType<typeof openTables>> | undefined): void {
    const { job, status, rows, latency, error, message, missed } = ran
    this.#ranMs = performance.now()
    this.#counts.collectorRuns++
    if (status === 'error') this.#counts.errors++
    this.#counts.missed += missed
    const level =
      status === 'error' ? 'error' : status === 'partial' || missed > 0 ? 'warning' : 'info'
    const why = message === '' ? '' : `: ${message}`
    const facts = { job, status, rows, latency_ms: Math.floor(latency / 1_000), error, missed }
    if (level !== 'info' || this.#call.values['json'] === true)
      this.#say(level, `${job} ${status}${why}`, facts)
    if (job === 'retention')
      retain({
        runsDir: runsDirOf(this.#call.values),
        config: this.#config,
        nowUs: this.#clock.nowUs(),
        db,
        but: dir,
      })
        .then(gone => {
          if (gone.partitions.length + gone.runs.length > 0)
            this.#say('info', 'old samples are gone', gone)
        })
        .catch((fault: unknown) => {
          this.#say(
            'error',
            `retention failed: ${fault instanceof Error ? fault.message : String(fault)}`,
          )
        })
  }

  /** Reads the configuration anew; one that does not fit changes nothing. */
  #reload(by: string): void {
    void this.#notifier.tell('RELOADING=1')
    try {
      const { config } = loadConfig(this.#call.values)
      const changed = changedKeys(this.#config, config)
      this.#config = config
      this.#harvester?.reconfigure(
        settingsOf(config, this.#call.values, handlesIn(this.#call.values)),
      )
      this.#say(
        'info',
        changed.length === 0 ? `${by}: nothing changed` : `${by}: ${changed.join(', ')} changed`,
        { changed },
      )
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      const { message, where, expected } = error
      this.#say(
        'error',
        `${by}: the configuration stays as it was: ${message} (${where}; expected: ${expected})`,
      )
    }
    void this.#notifier.tell('READY=1')
  }

  #watch(): () => void {
    const { values } = this.#call
    const onSignal = (): void => this.#reload('SIGHUP')
    process.on('SIGHUP', onSignal)
    const files = [textOf(values, 'config') ?? DEFAULT_FILE, textOf(values, 'env-file')].filter(
      file => file !== undefined && existsSync(file),
    )
    for (const file of files)
      watchFile(file ?? '', { interval: LOOK_MS, persistent: false }, () =>
        this.#reload(file ?? ''),
      )
    return () => {
      process.off('SIGHUP', onSignal)
      for (const file of files) unwatchFile(file ?? '')
    }
  }

  /** Tells the watchdog that all is well, for as long as collectors end. */
  #beat(): NodeJS.Timeout | undefined {
    const { watchdogMs } = this.#notifier
    if (watchdogMs === undefined) return undefined
    return setInterval(() => {
      if (performance.now() - this.#ranMs < STILL_MS) void this.#notifier.tell('WATCHDOG=1')
    }, watchdogMs)
  }

  #say(level: 'info' | 'warning' | 'error', message: string, facts: object = {}): void {
    const call = this.#call
    if (call.values['json'] === true)
      call.stream({ ts: new Date().toISOString(), level, message, ...facts })
    else call.note(message)
  }
}
