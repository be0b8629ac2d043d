import * as t from 'io-ts'
import { whole } from './units.js'

const Count = whole('whole number ≥ 0', n => n >= 0)
const Share = whole('whole number 0 … 10000', n => n >= 0 && n <= 10_000)
const Positive = whole('whole number > 0', n => n > 0)
const FillModel = t.keyof({ share: null, walk: null }, '"share" or "walk"')
const Rungs = t.readonlyArray(Share, 'list of whole numbers 0 … 10000')
const Names = t.readonlyArray(t.string, 'list of names')

/** One configuration key: codec, default, unit, meaning. */
export interface Key {
  readonly codec: t.Mixed
  readonly fallback: unknown
  readonly unit: string
  readonly doc: string
}
const key = <C extends t.Mixed>(codec: C, fallback: t.OutputOf<C>, unit: string, doc: string) => ({
  codec,
  fallback: fallback as unknown,
  unit,
  doc,
})

/** Keys that can change a decision, by section. They stand in `RunStarted`, and their digest identifies them. */
export const DECISION_KEYS = {
  strategy: {
    names: key(Names, ['parity'], '—', 'rules that run, in this order'),
  },
  parity: {
    min_edge_bps: key(Share, 120, 'bps of payout', 'smallest net edge of the last share bought'),
    size_max_micro: key(Positive, 200_000_000, '1e-6 share', 'most complete sets of one signal'),
    ttl_ms: key(Positive, 5_000, 'ms', 'a signal is not acted on after this'),
  },
  dedup: {
    ttl_ms: key(Count, 30_000, 'ms', 'the same opportunity within this time is not acted on again'),
    price_bps: key(Share, 2, 'bps', 'prices this close count as the same'),
  },
  risk: {
    bankroll_micro: key(Count, 1_000_000_000, '1e-6 $', 'cash that the run begins with'),
    signal_notional_max_micro: key(Count, 250_000_000, '1e-6 $', 'most that one signal may cost'),
    exposure_max_micro: key(Count, 800_000_000, '1e-6 $', 'positions at cost plus all in flight'),
    open_max: key(Positive, 16, 'count', 'signals in flight at once; more are refused'),
    book_age_max_ms: key(Positive, 5_000, 'ms', 'a book older than this is stale'),
    rejects_max: key(Positive, 5, 'count', 'rejects in a row that trip the hard stop'),
  },
  oms: {
    signals_max: key(Positive, 3, 'count', 'signals worked on at once; the next ones wait'),
    queue_max: key(Count, 64, 'count', 'signals that may wait; more are dropped'),
    chase_step_bps: key(Share, 10, 'bps', 'first step above the best ask'),
    chase_max_bps: key(Share, 200, 'bps', 'most that a chase may pay above the best ask'),
    flatten_bps: key(Rungs, [100, 500, 1_000], 'bps', 'steps below the best bid, one attempt each'),
    cooldown_ms: key(Count, 1_000, 'ms', 'a market rests this long after a signal'),
    answer_timeout_ms: key(
      Positive,
      10_000,
      'ms',
      'an order without an answer is unknown after this',
    ),
  },
  sim: {
    fill_model: key(
      FillModel,
      'share',
      '—',
      'share: part of the touch; walk: each level at its price',
    ),
    fill_share_liquid_bps: key(Share, 3_000, 'bps', 'part of the touch that fills, liquid bucket'),
    fill_share_thin_bps: key(Share, 1_000, 'bps', 'the same, thin bucket'),
    latency_ms: key(Count, 120, 'ms', 'from our decision to the exchange, in event time'),
    jitter_ms: key(Count, 40, 'ms', 'up to this much is added, keyed by seed and order id'),
    reject_bps: key(Share, 100, 'bps', 'part of the orders that the exchange refuses'),
    lost_bps: key(Share, 0, 'bps', 'part of the orders whose answer never comes'),
  },
  live: {
    enabled: key(t.boolean, false, '—', 'second of the two keys that live trading needs'),
  },
} as const

/** Keys that change how a run is kept, never what it decides. They stand in the manifest. */
export const KEEPING_KEYS = {
  log: {
    durability: key(
      t.keyof({ commit: null, interval: null, none: null }, '"commit", "interval" or "none"'),
      'commit',
      '—',
      'when lines are synced to the disk',
    ),
    commit_events: key(Positive, 1_024, 'count', 'most events of one commit'),
    commit_ms: key(Positive, 5, 'ms', 'a commit waits no longer than this for company'),
  },
  run: {
    backend: key(
      t.keyof({ auto: null, ts: null, native: null }, '"auto", "ts" or "native"'),
      'auto',
      '—',
      'which book fold serves',
    ),
    tag: key(t.string, '', '—', 'free label in the manifest'),
  },
  views: {
    live: key(t.boolean, true, '—', 'whether run and demo write their views as they go'),
    every_ms: key(Positive, 1_000, 'ms', 'how often, at most'),
  },
} as const

type Sections = Readonly<Record<string, Readonly<Record<string, Key>>>>
type ConfigOf<S extends Sections> = {
  readonly [N in keyof S]: { readonly [K in keyof S[N]]: t.TypeOf<S[N][K]['codec']> }
}

/** What can change a decision. */
export type DecisionConfig = ConfigOf<typeof DECISION_KEYS>
/** How a run is kept. */
export type KeepingConfig = ConfigOf<typeof KEEPING_KEYS>
/** The whole configuration: what decides and how it is kept. */
export type Config = DecisionConfig & KeepingConfig

/** Codec of the decision keys: every key present, none besides. */
export const DecisionConfig = codecOf<DecisionConfig>(DECISION_KEYS, 'DecisionConfig')
/** Codec of the whole configuration file once defaults are filled in. */
export const Config = codecOf<Config>({ ...DECISION_KEYS, ...KEEPING_KEYS }, 'Config')

/** The defaults, all in one place: the tables above. */
export const defaults = (): Config => {
  const all: Sections = { ...DECISION_KEYS, ...KEEPING_KEYS }
  return Object.fromEntries(
    Object.entries(all).map(([section, keys]) => [
      section,
      Object.fromEntries(Object.entries(keys).map(([name, { fallback }]) => [name, fallback])),
    ]),
  ) as unknown as Config
}

/** The part of a configuration that decides, in the canonical order of the tables. */
export const decisionPart = (config: Config): DecisionConfig => {
  const sections = config as unknown as Record<string, Record<string, unknown>>
  return Object.fromEntries(
    Object.entries(DECISION_KEYS as Sections).map(([section, keys]) => [
      section,
      Object.fromEntries(Object.keys(keys).map(name => [name, sections[section]?.[name]])),
    ]),
  ) as unknown as DecisionConfig
}

function codecOf<T>(sections: Sections, name: string): t.Type<T, unknown> {
  const props = Object.fromEntries(
    Object.entries(sections).map(([section, keys]) => [
      section,
      t.strict(
        Object.fromEntries(Object.entries(keys).map(([k, { codec }]) => [k, codec])),
        section,
      ),
    ]),
  )
  return t.strict(props, name) as unknown as t.Type<T, unknown>
}
