import { createColumnHelper } from '@tanstack/react-table'
import { useState } from 'react'
import { addressOf } from '../lib/api.js'
import { clock, clockMs, dollars, price, shares } from '../lib/format.js'
import type { Order } from '../lib/shapes.js'
import { useTravel } from '../lib/travel.js'
import { useApi } from '../lib/use-api.js'
import { Pager } from '../parts/pager.js'
import { Table } from '../parts/table.js'
import { WhyGraph } from '../parts/why-graph.js'

const cells = createColumnHelper<Order>()
const COLUMNS = [
  cells.accessor('created_at', { header: 'time', cell: ({ getValue }) => clockMs(getValue()) }),
  cells.accessor('order_id', { header: 'order' }),
  cells.accessor(row => row.strategy ?? 'operator', { id: 'strategy', header: 'strategy' }),
  cells.accessor('leg', { header: 'leg' }),
  cells.accessor('action', { header: 'action' }),
  cells.accessor(row => `${row.title} ${row.label}`, { id: 'market', header: 'market' }),
  cells.accessor('side', { header: 'side' }),
  cells.accessor('limit_e4', { header: 'limit', cell: ({ getValue }) => price(getValue()) }),
  cells.accessor('size_micro', {
    header: 'filled',
    cell: ({ row }) => `${shares(row.original.filled_micro)} of ${shares(row.original.size_micro)}`,
  }),
  cells.accessor('cash_micro', { header: 'cash', cell: ({ getValue }) => dollars(getValue()) }),
  cells.accessor('fee_micro', { header: 'fee', cell: ({ getValue }) => dollars(getValue()) }),
  cells.accessor('state', { header: 'state' }),
]

/** Orders and what happened to each; all legs of a signal where one is picked. */
export function Orders() {
  const { of } = useTravel()
  const [offset, setOffset] = useState(0)
  const [size, setSize] = useState<number>(20)
  const [owner, setOwner] = useState('')
  const [picked, setPicked] = useState<Order | undefined>()
  const [asked, setAsked] = useState<string | undefined>()
  const held = useApi<Order[]>(
    addressOf('orders', { ...of, owner, offset, limit: size }),
    of.at === undefined ? 2_000 : 0,
  )
  return (
    <>
      <section className="card" aria-label="orders">
        <header className="row">
          <h2>Orders</h2>
          {owner !== '' && (
            <button
              type="button"
              onClick={() => {
                setOwner('')
                setOffset(0)
              }}
            >
              legs of {owner} ✕
            </button>
          )}
        </header>
        <Table
          label="orders"
          rows={held.body ?? []}
          columns={COLUMNS}
          keyOf={({ order_id }) => order_id}
          height={520}
          onOpen={setPicked}
          empty="no orders yet"
        />
        <Pager
          label="orders"
          offset={offset}
          size={size}
          total={held.total}
          onOffset={setOffset}
          onSize={setSize}
        />
      </section>
      {picked && (
        <section className="card" aria-label="life of an order">
          <header className="row">
            <h3>
              {picked.order_id}: {picked.side} {shares(picked.size_micro)} {picked.label} at{' '}
              {price(picked.limit_e4)}
            </h3>
            <button type="button" onClick={() => setAsked(`order:${picked.order_id}`)}>
              why?
            </button>
            <button
              type="button"
              onClick={() => {
                setOwner(picked.owner)
                setOffset(0)
              }}
            >
              all legs of {picked.owner}
            </button>
          </header>
          <ol className="steps">
            {picked.steps.map(({ seq, t_us, what, detail }) => (
              <li key={seq}>
                <span className="dim">
                  {clock(t_us)} · event {seq}
                </span>{' '}
                <b>{what}</b> {detail}
              </li>
            ))}
          </ol>
        </section>
      )}
      {asked !== undefined && <WhyGraph of={asked} onClose={() => setAsked(undefined)} />}
    </>
  )
}
