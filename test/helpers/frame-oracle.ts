import { ASK, BID, CHANGE, UNSAID } from '#schemas/levels.js'
import { PRICE_MAX } from '#schemas/units.js'
import { priceFrom } from '#engine/feeds/decimal.js'
import { FeedFault } from '#engine/feeds/feed.js'
import { AT, Frame, MESSAGE, OF, PLACES, UNFIT } from '#engine/feeds/polymarket/decode/frame.js'
import { Tally } from '#engine/feeds/recorded/import-feed.js'
import {
  bestAskIn,
  bestBidIn,
  levelOf,
  textLevelsIn,
} from '#engine/feeds/polymarket/decode/levels.js'
import { maybeTextIn, objectsIn, textIn, wordIn } from '#engine/feeds/recorded/wire.js'
import type { Wire } from '#engine/feeds/recorded/wire.js'

/** A row in words: asset, side, price, size, best bid, best ask, oddity, price and size as written, hash. */
export type Row = readonly (string | number)[]

/** A message as `JSON.parse` and the importers' readers of fields take it; a `FeedFault` where they do not. */
export interface Said {
  readonly kind: string
  readonly tUs: number
  readonly market: string
  readonly rows: readonly Row[]
}

/** All messages of a frame by way of `JSON.parse`. Throws a `SyntaxError` or a `FeedFault`. */
export function oracle(text: string): readonly Said[] {
  const parsed = JSON.parse(text) as unknown
  const messages = Array.isArray(parsed) ? (parsed as unknown[]) : [parsed]
  return messages.map(value => {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new FeedFault('no message', 'frame', 'an object')
    return saidOf({ value: value as Wire['value'], text: '', where: 'frame' })
  })
}

function saidOf(wire: Wire): Said {
  const kind = wire.value['event_type']
  const rows = typeof kind === 'string' ? rowsOf(kind, wire) : undefined
  if (!rows) return { kind: 'other', tUs: 0, market: '', rows: [] }
  maybeTextIn(wire, 'hash')
  return {
    kind: String(kind),
    tUs: millisOf(textIn(wire, 'timestamp')),
    market: textIn(wire, 'market'),
    rows,
  }
}

function rowsOf(kind: string, wire: Wire): readonly Row[] | undefined {
  switch (kind) {
    case 'book':
      return ([BID, ASK] as const).flatMap(side =>
        textLevelsIn(wire, side).map(level => {
          const numbers = levelIn(level)
          return [
            textIn(wire, 'asset_id'),
            side,
            ...numbers.slice(0, 2),
            UNSAID,
            UNSAID,
            numbers[2]!,
            level.price,
            level.size,
            '',
          ]
        }),
      )
    case 'price_change': {
      const isNow = wire.value['price_changes'] !== undefined
      const isList = wire.value['changes'] !== undefined
      const list = isNow ? 'price_changes' : 'changes'
      return (isNow || isList ? objectsIn(wire, list) : [wire]).map(row => {
        const [bid, ask] = [bestBidIn(row), bestAskIn(row)]
        const isSaid = bid !== undefined && ask !== undefined
        const hash = isNow ? (maybeTextIn(row, 'hash') ?? '') : ''
        return changeOf(isNow ? row : wire, row, isSaid ? [bid, ask] : [UNSAID, UNSAID], hash)
      })
    }
    case 'last_trade_price':
      maybeTextIn(wire, 'transaction_hash')
      return [changeOf(wire, wire, [UNSAID, UNSAID], '')]
    case 'tick_size_change': {
      const [old, now] = [textIn(wire, 'old_tick_size'), textIn(wire, 'new_tick_size')]
      const [from, to] = [priceFrom(old), priceFrom(now)]
      const isGrid = typeof from === 'number' && typeof to === 'number' && from >= 0 && to > 0
      if (!isGrid || from > PRICE_MAX || PRICE_MAX % to !== 0)
        throw new FeedFault('no tick', 'frame', 'a tick')
      return [[textIn(wire, 'asset_id'), BID, from, to, UNSAID, UNSAID, '', old, now, '']]
    }
    default:
      return undefined
  }
}

function changeOf(of: Wire, row: Wire, bests: readonly number[], hash: string): Row {
  const side = wordIn(row, 'side', ['BUY', 'SELL']) === 'BUY' ? BID : ASK
  const level = { price: textIn(row, 'price'), size: textIn(row, 'size') }
  const [at, size, unfit] = levelIn(level)
  return [textIn(of, 'asset_id'), side, at!, size!, ...bests, unfit!, level.price, level.size, hash]
}

function levelIn(text: {
  readonly price: string
  readonly size: string
}): readonly (string | number)[] {
  const tally = new Tally()
  const level = levelOf(text, 'frame', tally)
  return level ? [level.at, level.size, ''] : [0, 0, tally.report().skipped[0]!.reason]
}

const NAMES = ['other', 'book', 'price_change', 'last_trade_price', 'tick_size_change']

/** What a frame that was read from bytes says, in the words of the oracle. */
export function wordsOf(frame: Frame, bytes: Uint8Array): readonly Said[] {
  const textAt = (start: number, end: number): string => {
    const raw = Buffer.from(bytes.subarray(start, end)).toString()
    return JSON.parse(`"${raw}"`) as string
  }
  return Array.from({ length: frame.messageCount }, (_, i) => {
    const [kind, tUs, from, count] = frame.messages.subarray(i * MESSAGE, i * MESSAGE + 4)
    const spanOf = (at: number): string =>
      textAt(frame.messages[i * MESSAGE + at]!, frame.messages[i * MESSAGE + at + 1]!)
    const rows = Array.from({ length: count! }, (_, k): Row => {
      const [row, places] = [(from! + k) * CHANGE, (from! + k) * PLACES]
      const placed = (of: number): string =>
        textAt(frame.places[places + of]!, frame.places[places + of + 1]!)
      return [
        ...[placed(OF.asset), ...frame.rows.subarray(row + 1, row + CHANGE)],
        ...[UNFIT[frame.places[places + OF.unfit]!]!, placed(OF.price), placed(OF.size)],
        placed(OF.hash),
      ]
    })
    return { kind: NAMES[kind!]!, tUs: tUs!, market: spanOf(AT.market), rows }
  })
}

/** A frame as the addon tells it (`Addon.readFrame`). */
export function flatOf(frame: Frame): readonly number[] {
  const { messages, rows, places, messageCount, rowCount } = frame
  const flat = [frame.fault, frame.faultAt, Number(frame.isPlain), Number(frame.isOdd)]
  flat.push(messageCount, rowCount, ...messages.subarray(0, messageCount * MESSAGE))
  for (let i = 0; i < rowCount; i++) {
    flat.push(...rows.subarray(i * CHANGE, (i + 1) * CHANGE))
    flat.push(...places.subarray(i * PLACES, (i + 1) * PLACES))
  }
  return flat
}

/** Frames write milliseconds. */
function millisOf(text: string): number {
  if (!/^\d{1,13}$/.test(text)) throw new FeedFault('no time', 'frame', 'milliseconds')
  return Number(text) * 1_000
}
