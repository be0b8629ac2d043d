import * as t from 'io-ts'
import { event, field } from '../event.js'
import { MarketId, SignalId, TokenId } from '../ids.js'
import { Conversion } from '../reasons.js'
import { Price, Shares, Usdc } from '../units.js'

const Tokens = t.readonlyArray(TokenId, 'Tokens')

const conversion = field(
  t.string,
  '—',
  'id of the conversion: `<signal>.convert` or `<signal>.merge`',
)
const scope = field(t.string, '—', 'purse whose tokens they are; absent: shared')
const signal = field(
  SignalId,
  '—',
  'the signal that wants it, or after which there were enough sets',
)
const terms = {
  conversion,
  kind: field(
    Conversion,
    '—',
    'merge: a share of each outcome of a market becomes a dollar; no-to-yes: a share of NO of one outcome of an event becomes one of YES of every other',
  ),
  signal,
  strategy: field(t.string, '—', 'strategy whose profit it is'),
  market: field(MarketId, '—', 'market of the tokens that are given'),
  size: field(Shares, '1e-6 share', 'how many of each token'),
  gives: field(Tokens, '—', 'tokens that go'),
  takes: field(Tokens, '—', 'tokens that come; none for a merge'),
}

/** Decision: tokens shall be turned into others, or into cash. */
export const ConversionRequested = event(
  'ConversionRequested',
  1,
  'decision',
  'Tokens shall be turned into others, or into cash, by a transaction of the account. They are set aside until it is answered.',
  { ...terms, pays: field(Price, '1e-4 $', 'what one share of each brings: 10000 for a merge') },
  { scope, group: field(t.string, '—', 'the event whose outcomes they are; absent: none') },
)

/** Input: what became of the transaction. */
export const ConversionReported = event(
  'ConversionReported',
  1,
  'answer',
  'The transaction of a conversion is final: it did all of what was asked, or nothing. Its gas is paid either way.',
  {
    conversion,
    done: field(t.boolean, '—', 'whether it did what was asked'),
    gas: field(Usdc, '1e-6 $', 'what the transaction cost'),
  },
)

/** Decision: the positions and cash of a purse after a conversion. */
export const PositionsConverted = event(
  'PositionsConverted',
  1,
  'decision',
  'A conversion is booked. What the tokens that went had cost is released by a merge, and carried over by a conversion, gas added.',
  {
    ...terms,
    cash: field(Usdc, '1e-6 $', 'what came in, before gas'),
    gas: field(Usdc, '1e-6 $', 'what the transaction cost'),
    cost: field(Usdc, '1e-6 $', 'what the tokens that went had cost, in proportion, rounded down'),
  },
  { scope, group: field(t.string, '—', 'the event whose outcomes they are; absent: none') },
)

/** Decision: a conversion did not happen; what was set aside for it is free, its gas is lost. */
export const ConversionFailed = event(
  'ConversionFailed',
  1,
  'decision',
  'A conversion did not happen: what was set aside for it is free again, and its gas is lost.',
  { conversion, signal, gas: field(Usdc, '1e-6 $', 'what the transaction cost') },
  { scope },
)
