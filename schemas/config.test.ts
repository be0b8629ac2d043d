import t from 'tap'
import { DECISION_KEYS } from './config.js'
import type { Key } from './config-codecs.js'

const keys = Object.entries(
  DECISION_KEYS as Readonly<Record<string, Readonly<Record<string, Key>>>>,
)
const all = keys.flatMap(([section, of]) =>
  Object.entries(of).map(([name, key]) => ({ name: `${section}.${name}`, key })),
)

t.test('every rate is at most 10,000 bps and, but for an edge, at least 0', async t => {
  const rates = all.filter(({ key }) => key.unit === 'bps' && !Array.isArray(key.fallback))
  t.ok(rates.length > 10)
  t.same(
    rates.filter(({ key: { codec } }) => codec.is(-1) || codec.is(10_001) || codec.is(0.5)),
    [],
  )
  const edges = all.filter(({ key }) => key.unit === 'bps of payout')
  t.same(
    edges.filter(({ key: { codec } }) => !codec.is(-1) || codec.is(-10_001) || codec.is(10_001)),
    [],
  )
})

t.test('no time, count, size or amount is below 0 or broken', async t => {
  const units = new Set(['ms', 'count', '1e-6 share', '1e-6 $', 'ticks'])
  const counted = all.filter(({ key }) => units.has(key.unit))
  t.ok(counted.length > 20)
  t.same(
    counted.filter(({ key: { codec } }) => codec.is(-1) || codec.is(0.5) || codec.is(Infinity)),
    [],
  )
})

t.test('what cannot work at 0 must be above 0, and every default is valid', async t => {
  const positive = ['parity.size_max_micro', 'parity.ttl_ms', 'oms.signals_max', 'risk.open_max']
  for (const name of positive) t.notOk(all.find(one => one.name === name)?.key.codec.is(0), name)
  t.same(
    all.filter(({ key: { codec, fallback } }) => !codec.is(fallback)),
    [],
  )
})
