import t from 'tap'
import { prng } from '#engine/feeds/simulator/prng.js'
import { countsOf } from '../../testing/drain.js'
import { AT_MS, NOW_US, stated } from './testing/decoding.js'
import {
  bookMessage,
  changeMessage,
  conditionOf,
  tokensOf,
  tradeMessage,
} from './testing/messages.js'

const [YES, NO] = tokensOf(1)
const change = (atMs: number): string => changeMessage(atMs, [{ price: '0.4', size: '25' }])

void t.test('whatever comes is decoded or refused: nothing throws', t => {
  const random = prng(11, 'odd messages')
  const odd: readonly unknown[] = [
    ...[null, 0, -1, 1e300, '', '0', '-5', '1e3', '9'.repeat(400), 'ÿ', true, [], {}, [null]],
    ...[[[]], [{}], [1], { asset_id: YES }, YES, NO, '0.4', `${AT_MS}`, conditionOf(1)],
  ]
  const pick = <T>(all: readonly T[]): T => all[random.below(all.length)]!
  const twisted = (value: unknown, depth = 0): unknown => {
    if (random.oneIn(9 - depth)) return pick(odd)
    if (Array.isArray(value)) return value.map(one => twisted(one, depth + 1))
    if (typeof value !== 'object' || value === null) return value
    const kept = Object.entries(value).filter(() => !random.oneIn(12))
    return Object.fromEntries(kept.map(([key, one]) => [key, twisted(one, depth + 1)]))
  }
  const seen: Record<string, number> = {}
  const { decoder, hear } = stated()
  const kinds = [
    ...[bookMessage({ atMs: AT_MS }), change(AT_MS + 1), tradeMessage(AT_MS)],
    '{"event_type":"tick_size_change","market":"m","asset_id":"a","timestamp":"1","old_tick_size":"0.01","new_tick_size":"0.001","side":"BUY"}',
    `{"event_type":"market_resolved","market":"${conditionOf(2)}","timestamp":"1","assets_ids":["1"],"winning_asset_id":"1"}`,
  ]
  for (let k = 0; k < 4_000; k++) {
    const text = JSON.stringify([twisted(JSON.parse(pick(kinds)))])
    const cut = random.oneIn(20) ? text.slice(0, random.below(text.length)) : text
    const { inputs } = random.oneIn(5) ? decoder.restBook(cut, NOW_US) : hear(cut)
    for (const [type, count] of Object.entries(countsOf(inputs)))
      seen[type] = (seen[type] ?? 0) + count
  }
  t.ok((seen['BookSnapshot'] ?? 0) > 50 && (seen['MessageRefused'] ?? 0) > 50, JSON.stringify(seen))
  t.ok(decoder.report().skipped.length < 300)
  t.end()
})
