import { readFile } from 'node:fs/promises'
import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { failuresOf } from '#schemas/failures.js'
import { sizeFrom } from '../decimal.js'
import { FeedFault } from '../feed.js'
import {
  GammaEvent,
  GammaMarket,
  metaOfGamma,
  metaOfGammaEvent,
} from '../polymarket/decode/gamma.js'
import { byLabel, exactly, tickFrom, within } from './market-meta.js'
import type { Meta } from './market-meta.js'

const Decimal = t.union([t.string, t.number], 'decimal')

/**
 * The format of `--meta FILE`. `key`: the venue's id of the market (condition id, ticker) or of the token (asset id),
 * tokens by outcome index, first YES. `minSize` in shares and `tick` in dollars as decimal strings.
 *
 *     {"venue":"polymarket","markets":[{"key":"0x…","question":"…","group":"…","negRisk":false,"minSize":"5",
 *       "feeRateBps":300,"feeExponent":1,"tokens":[{"key":"7203…","outcome":"Yes","tick":"0.01"},{"key":"9241…"}]}]}
 *
 * Only `key` and `tokens[].key` are required. A market or an event of Polymarket's Gamma API, or an array of
 * them, will do as well; an event also says which markets are its outcomes.
 */
export const MetaFile = t.intersection(
  [
    t.type({
      markets: t.readonlyArray(
        t.intersection([
          t.type({
            key: t.string,
            tokens: t.readonlyArray(
              t.intersection([
                t.type({ key: t.string }),
                t.partial({ outcome: t.string, tick: Decimal }),
              ]),
            ),
          }),
          t.partial({
            question: t.string,
            group: t.string,
            negRisk: t.boolean,
            minSize: Decimal,
            feeRateBps: t.Int,
            feeExponent: t.Int,
          }),
        ]),
      ),
    }),
    t.partial({ venue: t.string }),
  ],
  'meta',
)

/** Reads a `--meta` file: our format, or Gamma markets. Throws a `FeedFault`. */
export async function readMeta(file: string): Promise<Meta> {
  const text = await readFile(file, 'utf8').catch(() => {
    throw new FeedFault('the meta file cannot be read', file, 'a readable JSON file')
  })
  return metaOf(parsed(text, file), file)
}

/** The markets that a parsed JSON value describes. Throws a `FeedFault` that names the first wrong fields. */
export function metaOf(json: unknown, where: string): Meta {
  const rows = Array.isArray(json) ? (json as readonly unknown[]) : [json]
  if (rows.length > 0 && rows.every(row => GammaMarket.is(row)))
    return rows.map(row => metaOfGamma(row, where))
  if (rows.length > 0 && rows.every(row => GammaEvent.is(row)))
    return rows.flatMap(row => metaOfGammaEvent(row, where))
  const file = MetaFile.decode(json)
  if (E.isLeft(file))
    throw new FeedFault(
      `the meta file describes no markets: ${failuresOf(file.left)}`,
      where,
      '{"markets":[{"key","tokens":[{"key"}]}]} or Gamma markets or events',
    )
  const { venue, markets } = file.right
  return markets.map(({ minSize, feeRateBps, feeExponent, tokens, ...market }) => ({
    ...market,
    venue,
    minSize: exactly(minSize, sizeFrom, where),
    feeRate: within(feeRateBps, 10_000, 'feeRateBps', where),
    feeExponent: within(feeExponent, 8, 'feeExponent', where),
    tokens: byLabel(
      tokens.map(({ tick, ...token }) => ({ ...token, tick: tickFrom(tick, where) })),
    ),
  }))
}

function parsed(text: string, where: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new FeedFault(`not JSON: ${String(cause)}`, where, 'a JSON object or array')
  }
}
