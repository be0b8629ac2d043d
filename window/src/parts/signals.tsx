import { createColumnHelper } from '@tanstack/react-table'
import { useEffect, useState } from 'react'
import { addressOf } from '../lib/api.js'
import { clockMs, percent } from '../lib/format.js'
import type { Signal } from '../lib/shapes.js'
import { useTravel } from '../lib/travel.js'
import { useApi } from '../lib/use-api.js'
import { OrderModal } from './order-modal.js'
import { Pager } from './pager.js'
import { Table } from './table.js'
import { WhyGraph } from './why-graph.js'

const LEVELS = ['', 'P1', 'P2', 'P3'] as const
const signals = createColumnHelper<Signal>()
const edgeOf = ({ edge_score }: Signal): number => edge_score

/** What the rules saw, by level and page; each may become an order, and says why it came about. */
export function Signals() {
  const { of, news } = useTravel()
  const [level, setLevel] = useState<string>('')
  const [offset, setOffset] = useState(0)
  const [size, setSize] = useState<number>(20)
  const [ordered, setOrdered] = useState<Signal | undefined>()
  const [asked, setAsked] = useState<string | undefined>()
  const held = useApi<Signal[]>(
    addressOf('signals', { ...of, level, offset, limit: size }),
    of.at === undefined ? 5_000 : 0,
  )
  const { again } = held
  useEffect(() => {
    if (of.at === undefined) again()
    // `again` is another function each time; only news ask anew.
  }, [news])
  const columns = [
    signals.accessor('created_at', { header: 'time', cell: ({ getValue }) => clockMs(getValue()) }),
    signals.accessor('level', {
      header: 'level',
      cell: ({ getValue }) => <span className={`tag ${getValue()}`}>{getValue()}</span>,
    }),
    signals.accessor(edgeOf, {
      id: 'edge',
      header: 'edge',
      cell: ({ getValue }) => percent(getValue()),
    }),
    signals.accessor('score', { header: 'score' }),
    signals.accessor(row => row.payload_json.rule_type, { id: 'rule', header: 'rule' }),
    signals.accessor(row => row.payload_json.title, {
      id: 'title',
      header: 'market',
      cell: ({ getValue, row }) => (
        <a
          href={`#/market/${encodeURIComponent(row.original.market_id)}`}
          onClick={event => event.stopPropagation()}
        >
          {getValue()}
        </a>
      ),
    }),
    signals.accessor('state', {
      header: 'state',
      cell: ({ getValue, row }) => (
        <span title={row.original.reasons.join(', ')}>
          {getValue()} <small className="dim">{row.original.reasons.join(', ')}</small>
        </span>
      ),
    }),
    signals.display({
      id: 'act',
      header: '',
      cell: ({ row }) => (
        <button
          type="button"
          disabled={row.original.level === 'P3'}
          onClick={event => {
            event.stopPropagation()
            setOrdered(row.original)
          }}
        >
          order
        </button>
      ),
    }),
  ]
  return (
    <section className="card" aria-label="signals">
      <header className="row">
        <h2>Signals</h2>
        <div role="group" aria-label="level">
          {LEVELS.map(one => (
            <button
              key={one}
              type="button"
              aria-pressed={level === one}
              onClick={() => {
                setLevel(one)
                setOffset(0)
              }}
            >
              {one === '' ? 'all' : one}
            </button>
          ))}
        </div>
      </header>
      <Table
        label="signals"
        rows={held.body ?? []}
        columns={columns}
        keyOf={({ signal_id }) => signal_id}
        height={560}
        onOpen={({ signal_id }) => setAsked(`signal:${signal_id}`)}
        empty="no signals yet"
      />
      <Pager
        label="signals"
        offset={offset}
        size={size}
        total={held.total}
        onOffset={setOffset}
        onSize={setSize}
      />
      {ordered && <OrderModal signal={ordered} onClose={() => setOrdered(undefined)} />}
      {asked !== undefined && <WhyGraph of={asked} onClose={() => setAsked(undefined)} />}
    </section>
  )
}
