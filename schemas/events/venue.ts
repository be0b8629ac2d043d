import * as t from 'io-ts'
import { event, field } from '../event.js'
import { OrderId, TokenId } from '../ids.js'
import { Side } from '../levels.js'
import { Settlement, VenueCondition, Withheld } from '../reasons.js'
import { Int, Price, Shares, Usdc } from '../units.js'

const order = field(OrderId, '—', 'order')
const scope = field(t.string, '—', 'purse that it is of; absent: shared')
const token = field(TokenId, '—', 'token')

/** Input: an order is signed and may leave as soon as this line is durable. */
export const OrderSigned = event(
  'OrderSigned',
  1,
  'answer',
  'The gateway signed an order. It leaves once this line is durable, so that whatever becomes of it can be asked for by its hash.',
  {
    order,
    venueOrder: field(t.string, 'hex', 'hash of the order: the id that the venue will know it by'),
    body: field(
      t.string,
      'JSON',
      'what is sent, signature included; the key of the API account is left out',
    ),
  },
)

/** Input: how far a venue has got with the settlement of a trade. */
export const SettlementReported = event(
  'SettlementReported',
  1,
  'answer',
  'The venue says how far the settlement of a trade is. A fill is provisional until it is confirmed; one that failed never was.',
  {
    order,
    trade: field(t.string, '—', "the venue's trade id: fills of it begin with it"),
    state: field(Settlement, '—', 'matched, mined, retrying, confirmed or failed'),
    tx: field(t.string, 'hex', 'transaction; empty where none is known'),
  },
)

/** Input: something about the venue holds, or no longer does, that forbids new risk. */
export const VenueConditionReported = event(
  'VenueConditionReported',
  1,
  'answer',
  'Something about the way to the venue holds, or no longer does. While any of these holds no new risk is taken.',
  {
    condition: field(VenueCondition, '—', 'closed list of conditions'),
    active: field(t.boolean, '—', 'whether it holds from here on'),
    detail: field(t.string, '—', 'what was seen, in words'),
  },
)

/** Decision: an order that was signed does not leave. */
export const OrderWithheld = event(
  'OrderWithheld',
  1,
  'decision',
  'An order that was signed does not leave: what forbids it came between its decision and its signature.',
  { order, why: field(Withheld, '—', 'closed list of reasons') },
)

/** Decision: a fill that failed to settle is taken back. */
export const FillVoided = event(
  'FillVoided',
  1,
  'decision',
  'A provisional fill failed to settle: it is taken back from position, cash and profit.',
  {
    order,
    trade: field(t.string, '—', 'trade id of the fill'),
    token,
    side: field(Side, '0 buy, 1 sell', 'our side'),
    price: field(Price, '1e-4 $', 'price'),
    size: field(Shares, '1e-6 share', 'size'),
    cash: field(Usdc, '1e-6 $', 'what the fill changed our cash by, before the fee: taken back'),
    fee: field(Usdc, '1e-6 $', 'fee that is given back'),
    cost: field(
      Usdc,
      '1e-6 $',
      'cost that the fill added to the position (a buy) or released from it (a sell): taken back',
    ),
  },
  { scope },
)

/** Decision: the venue is asked to cancel everything of this account. */
export const CancelAllRequested = event(
  'CancelAllRequested',
  1,
  'decision',
  'Trading stopped: the venue is asked to cancel everything of this account, and then which orders it still has, until there is none.',
  {},
)

/** Decision: after a stop the venue has no open order any more. */
export const OpenOrdersCleared = event(
  'OpenOrdersCleared',
  1,
  'decision',
  'After a stop the venue has confirmed that no order of this account is open.',
  {},
)

/** Decision: a position that the account had before the run is taken over. */
export const PositionAdopted = event(
  'PositionAdopted',
  1,
  'decision',
  'The account held this before the run began, and the configuration says to take it over (live.adopt_positions).',
  {
    token,
    size: field(Shares, '1e-6 share', 'how much'),
    cost: field(Usdc, '1e-6 $', 'what it counts for: its worth at the best bid, or nothing'),
  },
  { scope },
)

/** Decision: the venue holds something else than we do, and nothing in flight explains it. */
export const HoldingsDiffered = event(
  'HoldingsDiffered',
  1,
  'decision',
  'The venue holds another size of a token than we do, and nothing in flight explains it. One for each such token; the stop follows.',
  {
    token,
    here: field(Shares, '1e-6 share', 'what we hold'),
    there: field(Shares, '1e-6 share', 'what the venue says'),
    buys: field(Shares, '1e-6 share', 'what may still come: buys in flight, sells that may fail'),
    sells: field(Shares, '1e-6 share', 'what may still go: sells in flight, buys not yet settled'),
  },
)

/** Input: something that the venue said about our account could not be read. */
export const AnswerRefused = event(
  'AnswerRefused',
  1,
  'answer',
  'Something that the venue said about our orders or our account cannot be read, and was left out.',
  {
    detail: field(t.string, '—', 'what was wrong with it, in words'),
    count: field(Int, 'count', 'how many there were by now; the 1st, 10th, 100th … is recorded'),
  },
)
