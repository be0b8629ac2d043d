import { typeOf, type TypeName } from '#schemas/registry.js'
import { columnsOf, eventSql, HEAD_COLUMNS, membersSql, type LogTable } from './event-tables.js'

/** Tables that hold all events of one type. */
const OF_TYPE: readonly (readonly [name: string, type: TypeName])[] = [
  ['runs_started', 'RunStarted'],
  ['runs_recovered', 'RunRecovered'],
  ['runs_ended', 'RunEnded'],
  ['commands', 'CommandGiven'],
  ['config_changes', 'ConfigChanged'],
  ['clock', 'ClockTicked'],
  ['trades', 'TradePrinted'],
  ['feed_losses', 'FeedLost'],
  ['feed_resumptions', 'FeedResumed'],
  ['hash_differences', 'BookHashDiffers'],
  ['hash_checks', 'BookHashesChecked'],
  ['markets', 'MarketListed'],
  ['groups', 'GroupListed'],
  ['reference_samples', 'ReferenceReported'],
  ['tick_sizes', 'TickSizeChanged'],
  ['collector_runs', 'CollectorRan'],
  ['alerts', 'AlertDelivered'],
  ['queued', 'SignalQueued'],
  ['dropped', 'SignalDropped'],
  ['repeats', 'DedupSignal'],
  ['intents_approved', 'IntentApproved'],
  ['intents_refused', 'IntentRefused'],
  ['chases', 'ChaseStarted'],
  ['flattens', 'FlattenStarted'],
  ['cooldowns', 'CooldownStarted'],
  ['orders_placed', 'OrderPlaced'],
  ['orders_acknowledged', 'OrderAcknowledged'],
  ['orders_rejected', 'OrderRejected'],
  ['orders_unknown', 'OrderOutcomeUnknown'],
  ['orders_queried', 'OrderQueried'],
  ['orders_closed', 'OrderClosed'],
  ['fill_reports', 'FillReported'],
  ['fills_refused', 'FillRefused'],
  ['signals_settled', 'LegsSettled'],
  ['positions_settled', 'PositionSettled'],
  ['conversions_requested', 'ConversionRequested'],
  ['conversions_reported', 'ConversionReported'],
  ['positions_converted', 'PositionsConverted'],
  ['conversions_failed', 'ConversionFailed'],
  ['holdings_requests', 'HoldingsRequested'],
  ['holdings_reports', 'HoldingsReported'],
  ['gates_closed', 'GateClosed'],
  ['gates_opened', 'GateOpened'],
  ['hard_stops', 'HardStopTripped'],
  ['hard_stops_cleared', 'HardStopCleared'],
  ['distrusts', 'BookDistrusted'],
  ['trusts', 'BookTrusted'],
  ['disagreements', 'BookDisagreed'],
  ['snapshot_requests', 'SnapshotRequested'],
]

const ENDS: readonly TypeName[] = ['IntentRefused', 'SignalDropped', 'DedupSignal', 'LegsSettled']
const MONEY = '1e-6 $'
const SIZE = '1e-6 share'
const PRICE = '1e-4 $'
const SIDE = '0 buy, 1 sell'

/** Tables that say more than one event: joined, or a row for each member of a list. */
const MORE: readonly LogTable[] = [
  {
    name: 'events',
    doc: 'Every event. `data` holds its fields as JSON, under full names.',
    types: [],
    sql: `SELECT run_id, ${numberIn('^\\{"n":(\\d+)')} AS seq, ${numberIn('"t":(\\d+)')} AS t_us,
      make_timestamp(${numberIn('"t":(\\d+)')}) AS time, ${numberIn('"c":(\\d+)')} AS cause,
      regexp_extract(line, '"e":"([A-Za-z]+)\\.', 1) AS type,
      CAST(regexp_extract(line, '"e":"[A-Za-z]+\\.(\\d+)"', 1) AS INTEGER) AS version,
      CAST('{' || replace(replace(regexp_extract(line, '"e":"[^"]*",?(.*?),?"x":"[0-9a-f]{8}"\\}$', 1),
        '"d":[[', '"changes":[['), '],"l":', '],"lag":') || '}' AS JSON) AS data
      FROM log_text`,
  },
  {
    name: 'book_changes',
    doc: "A row for each level that a frame changed. `size` is the new total, 0 where the level is gone; the venue's own best after it is NULL where it has none or states none.",
    types: [],
    sql: `SELECT ${HEAD_COLUMNS}, place, m[1] AS token, CASE m[2] WHEN 0 THEN 'bid' ELSE 'ask' END AS side,
      ${[columnsOf('m[3]', 'price', PRICE), columnsOf('m[4]', 'size', SIZE), columnsOf('nullif(m[5], 0)', 'venue_bid', PRICE), columnsOf('nullif(m[6], 10000)', 'venue_ask', PRICE)].flat().join(', ')},
      lag_us
      FROM (SELECT run_id, n AS seq, t AS t_us, c AS cause, l AS lag_us, unnest(range(len(d))) AS place,
        unnest(d) AS m FROM log_numbers WHERE e = 'BookChanged.1')`,
  },
  {
    name: 'book_snapshots',
    doc: 'A row for each level of a whole book; `place` counts from 0, the best.',
    types: ['BookSnapshot'],
    sql: ['bids', 'asks']
      .map(
        list => `SELECT ${HEAD_COLUMNS}, CAST(token AS BIGINT) AS token, '${list.slice(0, 3)}' AS side, place,
      ${[columnsOf('m[1]', 'price', PRICE), columnsOf('m[2]', 'size', SIZE)].flat().join(', ')}
      FROM (${membersSql('BookSnapshot', list, '["BIGINT"]', ['token'])})`,
      )
      .join(' UNION ALL '),
  },
  {
    name: 'tokens',
    doc: 'Outcomes with their markets. `token` and `market` are small ids within the run, as everywhere in the log.',
    types: ['TokenListed', 'MarketListed'],
    sql: `SELECT k.*, m.market_id, m.question, m.venue, m.event_group, m.fee_rate_bps
      FROM (${eventSql('TokenListed')}) k LEFT JOIN (${eventSql('MarketListed')}) m USING (run_id, market)`,
  },
  {
    name: 'quote_samples',
    doc: 'A row for each token of a sample of best prices by a collector (NULL: none). `ref` names the token: see `described_tokens`.',
    types: ['QuotesSampled'],
    sql: `SELECT ${HEAD_COLUMNS}, old_tick AS origin, m[1] AS ref,
      ${[columnsOf('nullif(m[2], 0)', 'best_bid', PRICE), columnsOf('nullif(m[3], 10000)', 'best_ask', PRICE), columnsOf('nullif(m[4], -1)', 'last_trade', PRICE)].flat().join(', ')},
      nullif(m[5], 0) AS venue_ms
      FROM (${membersSql('QuotesSampled', 'rows', '["BIGINT"]', ['from'])})`,
  },
  {
    name: 'described_tokens',
    doc: 'Tokens that collectors sample, with their markets: the newest description of each.',
    types: ['MarketDescribed'],
    sql: `SELECT * EXCLUDE (newest) FROM (SELECT ${HEAD_COLUMNS}, CAST(m.ref AS BIGINT) AS ref, m.id AS token_id, m.outcome AS outcome,
      CAST(ref AS BIGINT) AS market_ref, id AS market_id, question, slug, category,
      row_number() OVER (PARTITION BY run_id, m.ref ORDER BY seq DESC) AS newest
      FROM (${membersSql('MarketDescribed', 'tokens', '{"ref":"BIGINT","id":"VARCHAR","outcome":"VARCHAR"}', ['ref', 'id', 'question', 'slug', 'category'])})) WHERE newest = 1`,
  },
  {
    name: 'market_payouts',
    doc: 'What one share of each token of a resolved market pays.',
    types: ['MarketResolved'],
    sql: `SELECT ${HEAD_COLUMNS}, CAST(market AS BIGINT) AS market, m[1] AS token,
      ${columnsOf('m[2]', 'payout', PRICE).join(', ')}
      FROM (${membersSql('MarketResolved', 'payouts', '["BIGINT"]', ['market'])})`,
  },
  {
    name: 'signals',
    doc: 'Every signal with its end: `end` is a result of LegsSettled, or refused, dropped, repeat; NULL while it is in work. `why` holds the reasons.',
    types: ['SignalRaised', ...ENDS],
    sql: `SELECT s.*, e."end", e.why, e.end_us, ${columnsOf('e.matched', 'matched', SIZE).join(', ')}
      FROM (${eventSql('SignalRaised')}) s LEFT JOIN (
        SELECT run_id, signal_id, 'refused' AS "end", array_to_string(reasons, ',') AS why, t_us AS end_us, NULL::BIGINT AS matched FROM (${eventSql('IntentRefused')})
        UNION ALL SELECT run_id, signal_id, 'dropped', reason, t_us, NULL FROM (${eventSql('SignalDropped')})
        UNION ALL SELECT run_id, signal_id, 'repeat', 'repeats ' || repeats, t_us, NULL FROM (${eventSql('DedupSignal')})
        UNION ALL SELECT run_id, signal_id, result, NULL, t_us, matched_micro FROM (${eventSql('LegsSettled')})
      ) e USING (run_id, signal_id)`,
  },
  {
    name: 'signal_legs',
    doc: 'A row for each leg of a signal, with the best prices as they stood (NULL: none).',
    types: ['SignalRaised'],
    sql: `SELECT ${HEAD_COLUMNS}, signal_id, place AS leg_index, m.token, ${columnsOf('m.side', 'side', SIDE).join()},
      ${[columnsOf('m."limit"', 'limit_price', PRICE), columnsOf('m.size', 'size', SIZE), columnsOf('nullif(m.bid, 0)', 'best_bid', PRICE), columnsOf('nullif(m.ask, 10000)', 'best_ask', PRICE)].flat().join(', ')}
      FROM (${membersSql('SignalRaised', 'legs', '{"token":"BIGINT","side":"BIGINT","limit":"BIGINT","size":"BIGINT","bid":"BIGINT","ask":"BIGINT"}', ['signal'])})`,
  },
  {
    name: 'intents',
    doc: 'What the gate said of each signal that reached it.',
    types: ['IntentApproved', 'IntentRefused'],
    sql: `SELECT ${HEAD_COLUMNS}, signal_id, true AS approved, NULL::VARCHAR[] AS reasons,
        notional_micro, notional, exposure_micro, exposure FROM (${eventSql('IntentApproved')})
      UNION ALL SELECT ${HEAD_COLUMNS}, signal_id, false, reasons, NULL, NULL, NULL, NULL FROM (${eventSql('IntentRefused')})`,
  },
  {
    name: 'orders',
    doc: 'Every order with what became of it: `ack` is accepted, rejected or unknown; `result` is NULL while it is open.',
    types: [
      'OrderPlaced',
      'OrderAcknowledged',
      'OrderRejected',
      'OrderOutcomeUnknown',
      'OrderClosed',
    ],
    sql: `SELECT o.*, a.ack, a.ack_us, a.why, c.result, c.t_us AS closed_us,
        c.filled_micro, c.filled, c.cash_micro, c.cash, c.fee_micro, c.fee
      FROM (${eventSql('OrderPlaced')}) o
      LEFT JOIN (SELECT run_id, order_id, arg_min(ack, seq) AS ack, min(t_us) AS ack_us, arg_min(why, seq) AS why FROM (
        SELECT run_id, order_id, seq, t_us, 'accepted' AS ack, NULL AS why FROM (${eventSql('OrderAcknowledged')})
        UNION ALL SELECT run_id, order_id, seq, t_us, 'rejected', reason FROM (${eventSql('OrderRejected')})
        UNION ALL SELECT run_id, order_id, seq, t_us, 'unknown', why FROM (${eventSql('OrderOutcomeUnknown')})
      ) GROUP BY ALL) a USING (run_id, order_id)
      LEFT JOIN (${eventSql('OrderClosed')}) c USING (run_id, order_id)`,
  },
  {
    name: 'fills',
    doc: 'Every fill that was booked. `cash` is the change of ours before the fee: a cost is negative.',
    types: ['OrderFilled'],
    sql: `SELECT *, split_part(order_id, '.', 1) AS signal_id FROM (${eventSql('OrderFilled')})`,
  },
  {
    name: 'legs_settled',
    doc: 'A row for each leg of an approved signal that ended: bought, sold, change of cash, fees.',
    types: ['LegsSettled'],
    sql: `SELECT ${HEAD_COLUMNS}, signal_id, result, place AS leg_index, m.token,
      ${[columnsOf('m.bought', 'bought', SIZE), columnsOf('m.sold', 'sold', SIZE), columnsOf('m.cash', 'cash', MONEY), columnsOf('m.fee', 'fee', MONEY)].flat().join(', ')}
      FROM (${membersSql('LegsSettled', 'legs', '{"token":"BIGINT","bought":"BIGINT","sold":"BIGINT","cash":"BIGINT","fee":"BIGINT"}', ['signal', 'result'])})`,
  },
  {
    name: 'flatten_legs',
    doc: 'What a flattening sells.',
    types: ['FlattenStarted'],
    sql: `SELECT ${HEAD_COLUMNS}, signal_id, m[1] AS token, ${columnsOf('m[2]', 'size', SIZE).join(', ')}
      FROM (${membersSql('FlattenStarted', 'left', '["BIGINT"]', ['signal'])})`,
  },
]

/** Every table of the log, by name. */
export const LOG_TABLES: readonly LogTable[] = [
  ...MORE,
  ...OF_TYPE.map(([name, type]) => ({
    name,
    doc: typeOf(type).doc,
    types: [type],
    sql: eventSql(type),
  })),
]

function numberIn(pattern: string): string {
  return `CAST(regexp_extract(line, '${pattern}', 1) AS BIGINT)`
}
