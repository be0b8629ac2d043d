import fc from 'fast-check'
import type * as t from 'io-ts'
import { defaults, decisionPart } from '../config.js'
import { Changes, Levels, UNSAID } from '../levels.js'
import {
  DEPTH_ROW,
  DepthRows,
  QUOTE_ROW,
  QuoteRows,
  Ref,
  STATE_ROW,
  StateRows,
} from '../harvest.js'
import type { EventType, Fields } from '../event.js'
import { allTypes, type Event } from '../registry.js'
import { Bps, Int, Price, Shares, Usdc } from '../units.js'
import { MarketId, TokenId } from '../ids.js'
import { RecordedConfig } from '../config.js'

const whole = (min: number, max: number) => fc.integer({ min, max })
const size = fc.oneof(whole(0, 20_000_000), fc.maxSafeNat())
const at = whole(0, 10_000)

const change = fc
  .tuple(whole(0, 2 ** 31 - 1), whole(0, 1), at, size, fc.option(fc.tuple(at, at)))
  .map(([token, side, price, n, said]) => [token, side, price, n, ...(said ?? [UNSAID, UNSAID])])
const changes = fc.array(change, { minLength: 1, maxLength: 8 }).map(rows => rows.flat())
const levels = fc
  .array(fc.tuple(at, fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER })), { maxLength: 12 })
  .map(rows => rows.flat())
const rows = (width: number) =>
  fc
    .array(fc.tuple(fc.nat(), ...Array.from({ length: width - 1 }, () => fc.maxSafeInteger())), {
      maxLength: 4,
    })
    .map(all => all.flat())
const text = fc.oneof(fc.string({ maxLength: 24 }), fc.string({ maxLength: 24, unit: 'grapheme' }))

const BY_CODEC = new Map<unknown, fc.Arbitrary<unknown>>([
  [Int, fc.maxSafeInteger()],
  [Price, at],
  [Shares, size],
  [Usdc, fc.maxSafeInteger()],
  [Bps, whole(-10_000, 10_000)],
  [MarketId, whole(0, 2 ** 31 - 1)],
  [TokenId, whole(0, 2 ** 31 - 1)],
  [Changes, changes],
  [Levels, levels],
  [Ref, whole(0, 2 ** 31 - 1)],
  [StateRows, rows(STATE_ROW)],
  [QuoteRows, rows(QUOTE_ROW)],
  [DepthRows, rows(DEPTH_ROW)],
  [RecordedConfig, fc.constant(decisionPart(defaults()))],
])

/** Any value of a codec that an event field may have. Fails on a codec it does not know, so that none is left out. */
export function valueOf(codec: t.Mixed): fc.Arbitrary<unknown> {
  const known = BY_CODEC.get(codec)
  if (known) return known
  const tagged = codec as t.Mixed & { readonly _tag?: string }
  switch (tagged._tag) {
    case 'StringType':
      return text
    case 'BooleanType':
      return fc.boolean()
    case 'KeyofType':
      return fc.constantFrom(
        ...Object.keys((codec as unknown as t.KeyofType<Record<string, unknown>>).keys),
      )
    case 'ReadonlyType':
      return valueOf((codec as unknown as t.ReadonlyType<t.Mixed>).type)
    case 'ExactType':
      return valueOf((codec as unknown as t.ExactType<t.HasProps>).type)
    case 'ArrayType':
    case 'ReadonlyArrayType':
      return fc.array(valueOf((codec as unknown as t.ArrayType<t.Mixed>).type), { maxLength: 4 })
    case 'TupleType':
      return fc.tuple(...(codec as unknown as t.TupleType<t.Mixed[]>).types.map(valueOf))
    case 'UnionType':
      return fc.oneof(...(codec as unknown as t.UnionType<t.Mixed[]>).types.map(valueOf))
    case 'LiteralType':
      return fc.constant((codec as unknown as t.LiteralType<number>).value)
    case 'InterfaceType': {
      const { props } = codec as unknown as t.InterfaceType<t.Props>
      return fc.record(Object.fromEntries(Object.entries(props).map(([k, c]) => [k, valueOf(c)])))
    }
    default:
      throw new Error(`no arbitrary for codec ${codec.name}`)
  }
}

/** Any event of a type. */
export function eventOf(type: EventType): fc.Arbitrary<Event> {
  const values = (fields: Fields) =>
    Object.fromEntries(Object.entries(fields).map(([key, { codec }]) => [key, valueOf(codec)]))
  return fc
    .tuple(fc.record(values(type.required)), fc.record(values(type.optional), { requiredKeys: [] }))
    .map(([must, may]) => ({ type: type.type, data: { ...must, ...may } }) as Event)
}

/** Any event of any type. */
export const anyEvent = (): fc.Arbitrary<Event> => fc.oneof(...allTypes().map(eventOf))
