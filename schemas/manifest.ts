import * as t from 'io-ts'
import { Int } from './units.js'

const Status = t.keyof({ open: null, sealed: null }, '"open" or "sealed"')
const Durability = t.keyof({ commit: null, interval: null, none: null })
const Facts = t.record(t.string, t.string)

const started = {
  runId: t.string,
  mode: t.string,
  parent: t.string,
  source: t.string,
  startedUs: Int,
  runTag: t.string,
  node: t.string,
  backend: t.string,
  durability: Durability,
  machine: Facts,
  configDigest: t.string,
}
const sealed = {
  lastSeq: Int,
  commits: Int,
  head: t.string,
  publicKey: t.string,
  signature: t.string,
  /** What served in the stead of a backend that failed. */
  fallback: t.string,
}

/** What is known of a run when it starts: facts of this machine that stand in no event. */
export const ManifestStart = t.strict(started, 'ManifestStart')
export type ManifestStart = t.TypeOf<typeof ManifestStart>

/**
 * What `manifest.json` says. A convenience that is never trusted: all that a replay needs stands in the log. Where the
 * run crashed it still says `open`. The last six are there once it is sealed, of these the key and the signature only
 * where the seal was signed, the fallback only where there was one.
 */
export const Manifest = t.exact(
  t.intersection([t.type({ status: Status, ...started }), t.partial(sealed)], 'Manifest'),
  'Manifest',
)
export type Manifest = t.TypeOf<typeof Manifest>

const KEYS = ['runId', 'status', ...Object.keys(started).slice(1), ...Object.keys(sealed)]

/** The only text of a manifest: one key per line, keys in the codec's order, those of `machine` sorted. */
export function manifestText(manifest: Manifest & { readonly sum?: string }): string {
  const from = new Map<string, unknown>(Object.entries(manifest))
  from.set('machine', Object.fromEntries(Object.entries(manifest.machine).sort(byKey)))
  const rows = [...KEYS, 'sum'].filter(key => from.has(key)).map(key => [key, from.get(key)])
  return `${JSON.stringify(Object.fromEntries(rows), null, 2)}\n`
}

const byKey = ([a]: [string, string], [b]: [string, string]): number => (a < b ? -1 : 1)
