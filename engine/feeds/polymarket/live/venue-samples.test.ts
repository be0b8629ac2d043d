import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import t from 'tap'
import { Instruments } from '#engine/core/instruments.js'
import { FeedFault } from '../../feed.js'
import { discover } from './discovery.js'
import { LiveDecoder } from './live-decoder.js'
import { assetsIn } from './rest-floors.js'
import { MarketRest } from './rest.js'
import { loopback } from '#engine/transport/testing/loopback.js'

const SAMPLES =
  process.env['POLARIS_SAMPLES'] ??
  resolve(import.meta.dirname, '../../../../../../shared/reference/venue-samples')
const skip = existsSync(SAMPLES) ? false : 'the samples of the venue are not beside this clone'
const NOW_US = Date.parse('2026-11-01T00:00:00Z') * 1_000

const textsOf = (folder: string, pattern: RegExp): (readonly [name: string, text: string])[] =>
  readdirSync(join(SAMPLES, folder))
    .filter(name => pattern.test(name))
    .map(name => [name, readFileSync(join(SAMPLES, folder, name), 'utf8')])

/** A decoder that knows the markets and tokens that a text speaks of. */
function knowing(text: string): LiveDecoder {
  const decoder = new LiveDecoder(new Instruments().opening(), 'samples')
  const values = [JSON.parse(text) as unknown].flat() as Readonly<Record<string, unknown>>[]
  for (const value of values) {
    const assets = assetsIn({ value, text, where: '' })
    const key = typeof value['market'] === 'string' ? value['market'] : 'none'
    const tokens = [...new Set(assets)].map(one => ({ key: one, outcome: undefined, tick: 100 }))
    decoder.introduce([{ venue: 'polymarket', key, tokens }], NOW_US)
  }
  return decoder
}

void t.test('each message of the venue is decoded, or refused with what is wrong', { skip }, t => {
  for (const [name, text] of textsOf('ws-market', /\.json$/)) {
    if (name === 'client_messages.json') continue // what a client says
    const decoder = knowing(text)
    const { inputs, fault, doubted } = decoder.frame(Buffer.from(text), NOW_US)
    const { skipped } = decoder.report()
    const isTold = inputs.length > 0 || skipped.length > 0
    t.ok(isTold, `${name}: ${inputs.map(({ event }) => event.type).join()} ${fault ?? ''}`)
    t.equal(fault, undefined, name)
    t.same(doubted, [], `${name}: ${skipped.map(({ reason }) => reason).join()}`)
  }
  t.end()
})

void t.test(
  'each book of REST has the venue’s hash, unless levels were cut out of it',
  { skip },
  t => {
    for (const [name, text] of textsOf('rest', /^book.*\.json$/)) {
      const decoder = knowing(text)
      const { inputs, fault } = decoder.restBook(text.trim(), NOW_US)
      const isTrimmed = name.includes('trimmed')
      t.equal(fault, isTrimmed ? 'the hash of a REST book is not ours' : undefined, name)
      t.equal(
        inputs.some(({ event }) => event.type === 'BookSnapshot'),
        !isTrimmed,
        name,
      )
    }
    t.end()
  },
)

void t.test('each list of Gamma is read, or refused with the reason', { skip }, async t => {
  for (const [name, text] of textsOf('gamma', /\.json$/)) {
    const value = JSON.parse(text) as Readonly<Record<string, unknown>>
    const isPage = Array.isArray(value['events'])
    const wrapped = 'markets' in value ? { events: [value] } : { events: [], markets: [value] }
    const body = isPage ? text : JSON.stringify(wrapped)
    const server = await loopback(() => ({ body }))
    const rest = new MarketRest(server.base, new AbortController().signal)
    try {
      const universe = !isPage && !('markets' in value) ? { assets: ['1'] } : {}
      const { meta, skipped } = await discover(rest, universe, NOW_US / 1_000)
      t.ok(meta.length > 0 || skipped.size > 0, `${name}: ${meta.length} markets`)
      for (const { key } of meta) t.match(key, /^0x[0-9a-f]{64}$/)
    } catch (error) {
      t.type(error, FeedFault, `${name}: ${String(error)}`)
    } finally {
      await rest.close()
      await server.close()
    }
  }
})
