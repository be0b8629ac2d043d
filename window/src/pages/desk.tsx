import { createColumnHelper } from '@tanstack/react-table'
import { useState } from 'react'
import { addressOf } from '../lib/api.js'
import { count, dollars, percent, price, shares } from '../lib/format.js'
import type { Kpi, Moment } from '../lib/shapes.js'
import { timeAt, useTravel, seqAt } from '../lib/travel.js'
import { useApi } from '../lib/use-api.js'
import { Chart } from '../parts/chart.js'
import { Signals } from '../parts/signals.js'
import { Table } from '../parts/table.js'
import { WhyGraph } from '../parts/why-graph.js'

/** The first page: how the run does, what it saw, what it holds. */
export function Desk() {
  const { of } = useTravel()
  const moment = useApi<Moment>(addressOf('moment', of), of.at === undefined ? 1_000 : 0).body
  return (
    <>
      {moment && <Cards moment={moment} />}
      <Kpis />
      <div className="columns">
        <Signals />
        <div>
          <Equity />
          {moment && <Positions moment={moment} />}
          {moment && <OpenOrders moment={moment} />}
        </div>
      </div>
    </>
  )
}

function Cards({
  moment: { pnl, exposure, counters, hard_stop, gates, paused, by_strategy },
}: {
  moment: Moment
}) {
  const total = pnl.realised_micro + pnl.open_micro
  const cards: [string, string, string][] = [
    ['profit', dollars(total), total < 0 ? 'bad' : 'good'],
    ['realised', dollars(pnl.realised_micro), ''],
    ['open', dollars(pnl.open_micro), ''],
    ['fees', dollars(pnl.fees_micro), ''],
    ['exposure', dollars(exposure.positions_micro + exposure.orders_micro), ''],
    ['signals', count(Number(counters['signals'] ?? 0)), ''],
    [
      'orders',
      `${count(Number(counters['orders_open'] ?? 0))} open of ${count(Number(counters['orders'] ?? 0))}`,
      '',
    ],
    ['fills', count(Number(counters['fills'] ?? 0)), ''],
  ]
  return (
    <section aria-label="figures">
      {hard_stop !== null && (
        <p className="banner bad" role="status">
          Trading is stopped: {hard_stop}
        </p>
      )}
      {paused.length > 0 && (
        <p className="banner" role="status">
          New risk is paused: {paused.join(', ').replace('*', 'all')}
        </p>
      )}
      {gates.map(({ gate, why }) => (
        <p key={gate} className="banner" role="status">
          Gate {gate} is closed: {why}
        </p>
      ))}
      <ul className="cards">
        {cards.map(([name, value, tone]) => (
          <li key={name} className="card">
            <span className="dim">{name}</span>
            <strong className={tone} data-testid={`card-${name}`}>
              {value}
            </strong>
          </li>
        ))}
        {by_strategy.map(({ strategy, pnl: own }) => (
          <li key={strategy} className="card">
            <span className="dim">{strategy}</span>
            <strong>{dollars(own.realised_micro + own.open_micro)}</strong>
          </li>
        ))}
      </ul>
    </section>
  )
}

function Kpis() {
  const { of } = useTravel()
  const rows = useApi<Kpi[]>(addressOf('kpi/daily', of), of.at === undefined ? 5_000 : 0).body ?? []
  if (rows.length === 0) return null
  return (
    <ul className="cards" aria-label="rules in the last seven days">
      {rows.slice(0, 8).map(({ day, rule_type, signals, p1_signals, est_edge_bps, avg_gap }) => (
        <li key={`${day}${rule_type}`} className="card">
          <span className="dim">
            {rule_type} · {day}
          </span>
          <strong>{count(signals)} signals</strong>
          <small className="dim">
            {count(p1_signals)} P1 · edge {est_edge_bps} bps · gap {percent(avg_gap)}
          </small>
        </li>
      ))}
    </ul>
  )
}

function Equity() {
  const { timeline, at, goTo } = useTravel()
  const points = timeline?.equity ?? []
  if (points.length < 2) return null
  return (
    <section className="card" aria-label="profit over time">
      <h2>Profit</h2>
      <Chart
        label="profit over time; click to go there"
        height={170}
        x={points.map(([us = 0]) => us / 1e6)}
        y={points.map(([, value = 0]) => value / 1e6)}
        mark={at === undefined ? undefined : timeAt(timeline, at) / 1e6}
        format={value => `$${value.toFixed(2)}`}
        onPick={x => goTo(seqAt(timeline, x * 1e6))}
      />
    </section>
  )
}

type Position = Moment['positions'][number]
const positions = createColumnHelper<Position>()
const POSITIONS = [
  positions.accessor('title', { header: 'market' }),
  positions.accessor('label', { header: 'outcome' }),
  positions.accessor('size_micro', {
    header: 'shares',
    cell: ({ getValue }) => shares(getValue()),
  }),
  positions.accessor('cost_micro', { header: 'cost', cell: ({ getValue }) => dollars(getValue()) }),
  positions.accessor('bid_e4', { header: 'bid', cell: ({ getValue }) => price(getValue()) }),
]

function Positions({ moment: { positions: rows } }: { moment: Moment }) {
  return (
    <section className="card" aria-label="positions">
      <h2>Positions</h2>
      <Table
        label="positions"
        rows={rows}
        columns={POSITIONS}
        keyOf={({ token }) => String(token)}
        height={260}
        empty="nothing is held"
      />
    </section>
  )
}

type Open = Moment['open_orders'][number]
const orders = createColumnHelper<Open>()
const ORDERS = [
  orders.accessor('order_id', { header: 'order' }),
  orders.accessor('title', {
    header: 'market',
    cell: ({ row }) => `${row.original.title} ${row.original.label}`,
  }),
  orders.accessor('side', { header: 'side' }),
  orders.accessor('limit_e4', { header: 'limit', cell: ({ getValue }) => price(getValue()) }),
  orders.accessor('size_micro', {
    header: 'filled',
    cell: ({ row }) => `${shares(row.original.filled_micro)} of ${shares(row.original.size_micro)}`,
  }),
  orders.accessor('state', { header: 'state' }),
]

function OpenOrders({ moment: { open_orders } }: { moment: Moment }) {
  const [asked, setAsked] = useState<string | undefined>()
  return (
    <section className="card" aria-label="open orders">
      <h2>Open orders</h2>
      <Table
        label="open orders"
        rows={open_orders}
        columns={ORDERS}
        keyOf={({ order_id }) => order_id}
        height={260}
        onOpen={({ order_id }) => setAsked(`order:${order_id}`)}
        empty="no order is open"
      />
      {asked !== undefined && <WhyGraph of={asked} onClose={() => setAsked(undefined)} />}
    </section>
  )
}
