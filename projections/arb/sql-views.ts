/** Whose trade or fill it is, as each of these tells apart. */
const BY = 'strategy_code, mode, source_code'

const COUNTS = `count(*) AS trades, sum(net_pnl_usd_micro > 0) AS wins, sum(net_pnl_usd_micro < 0) AS losses`
const SUMS = ['gross_pnl_usd', 'net_pnl_usd', 'fees_usd', 'capital_used_usd']
  .map(name => `sum(${name}_micro) AS ${name}_micro`)
  .join(', ')
const TRADES = `FROM arb_trade_result WHERE status <> 'voided'`

/** Views of a database over the arb tables of all its runs, by name: queries that hold nothing of their own. */
export const ARB_SQL_VIEWS: Readonly<Record<string, string>> = {
  /** By the UTC day on which a trade ended, or while it is open on which it began. */
  arb_daily_pnl: `SELECT substr(CASE closed_at WHEN '' THEN created_at ELSE closed_at END, 1, 10) AS day, ${BY},
    ${COUNTS}, ${SUMS} ${TRADES} GROUP BY 1, ${BY} ORDER BY 1, ${BY}`,
  arb_strategy_pnl: `SELECT ${BY}, ${COUNTS}, ${SUMS} ${TRADES} GROUP BY ${BY} ORDER BY ${BY}`,
  /** Notional of all fills, by UTC hour. */
  arb_hourly_turnover: `SELECT substr(f.created_at, 1, 13) || ':00:00Z' AS hour, ${BY}, count(*) AS fills,
    sum(f.fill_notional_usd_micro) AS turnover_usd_micro FROM arb_fill f JOIN arb_order_intent USING (run_id, intent_id)
    GROUP BY 1, ${BY} ORDER BY 1, ${BY}`,
  /** Part of the trades that earned something, in 1e-6, rounded down. */
  arb_hit_ratio: `SELECT ${BY}, ${COUNTS}, sum(net_pnl_usd_micro > 0) * 1000000 / count(*) AS hit_ratio_micro
    ${TRADES} GROUP BY ${BY} ORDER BY ${BY}`,
}
