import { createColumnHelper } from '@tanstack/react-table'
import { useEffect, useState } from 'react'
import { addressOf, ask } from '../lib/api.js'
import { clockMs, price } from '../lib/format.js'
import type { Market } from '../lib/shapes.js'
import { useTravel } from '../lib/travel.js'
import { useApi } from '../lib/use-api.js'
import { Pager } from '../parts/pager.js'
import { Table } from '../parts/table.js'

/** Markets that are asked for at once where all of them are wanted. */
const CHUNK = 200
/** How often all of them are asked for, ms. */
const ALL_EVERY_MS = 8_000

type Option = Market['options'][number]
interface Row {
  readonly market: Market
  readonly option: Option
}
const cells = createColumnHelper<Row>()
const COLUMNS = [
  cells.accessor(row => row.market.title, { id: 'title', header: 'market' }),
  cells.accessor(row => row.option.label, { id: 'label', header: 'outcome' }),
  cells.accessor(row => row.option.last_price ?? 0, {
    id: 'last',
    header: 'price',
    cell: ({ row }) => row.original.option.last_price?.toFixed(4) ?? '—',
  }),
  cells.accessor(row => row.option.bid_e4 ?? 0, {
    id: 'bid',
    header: 'bid',
    cell: ({ row }) => price(row.original.option.bid_e4),
  }),
  cells.accessor(row => row.option.ask_e4 ?? 0, {
    id: 'ask',
    header: 'ask',
    cell: ({ row }) => price(row.original.option.ask_e4),
  }),
  cells.accessor(row => row.market.status, {
    id: 'status',
    header: 'status',
    cell: ({ row }) => (
      <span className={`tag ${row.original.market.status}`}>
        {row.original.option.tradable
          ? row.original.market.status
          : row.original.market.status === 'resolved'
            ? 'resolved'
            : 'not traded'}
      </span>
    ),
  }),
  cells.accessor(row => row.option.last_ts ?? 0, {
    id: 'heard',
    header: 'heard',
    cell: ({ row }) => clockMs(row.original.option.last_ts),
  }),
]

/** All markets, by page or every one of them in one list. */
export function Markets() {
  const { of } = useTravel()
  const [search, setSearch] = useState('')
  const [offset, setOffset] = useState(0)
  const [size, setSize] = useState<number>(20)
  const [isAll, setAll] = useState(false)
  const page = useApi<Market[]>(
    isAll ? undefined : addressOf('markets', { ...of, search, offset, limit: size }),
    of.at === undefined ? 2_000 : 0,
  )
  const all = useAll(isAll, search)
  const markets = isAll ? all : (page.body ?? [])
  const rows = markets.flatMap(market => market.options.map(option => ({ market, option })))
  return (
    <section className="card" aria-label="markets">
      <header className="row">
        <h2>Markets</h2>
        <label>
          <span className="sr">search</span>
          <input
            id="search"
            type="search"
            placeholder="search ( / )"
            value={search}
            onChange={event => {
              setSearch(event.target.value)
              setOffset(0)
            }}
          />
        </label>
        <label>
          <input type="checkbox" checked={isAll} onChange={event => setAll(event.target.checked)} />{' '}
          all in one list
        </label>
      </header>
      <Table
        label="markets"
        rows={rows}
        columns={COLUMNS}
        keyOf={({ option }) => String(option.token)}
        height={620}
        onOpen={({ market }) => {
          location.hash = `#/market/${encodeURIComponent(market.market_id)}`
        }}
        empty="no market fits"
      />
      {isAll ? (
        <p className="dim">
          {rows.length} outcomes of {markets.length} markets
        </p>
      ) : (
        <Pager
          label="markets"
          offset={offset}
          size={size}
          total={page.total}
          onOffset={setOffset}
          onSize={setSize}
        />
      )}
    </section>
  )
}

/** Every market, chunk by chunk. */
function useAll(isWanted: boolean, search: string): Market[] {
  const { of } = useTravel()
  const [all, setAll] = useState<Market[]>([])
  const { run, at } = of
  useEffect(() => {
    if (!isWanted) return
    const stop = new AbortController()
    const read = async (): Promise<void> => {
      const found: Market[] = []
      for (let offset = 0; !stop.signal.aborted; offset += CHUNK) {
        const address = addressOf('markets', { run, at, search, offset, limit: CHUNK })
        const { body, total } = await ask<Market[]>(address, stop.signal)
        found.push(...body)
        if (found.length >= total || body.length === 0) break
      }
      if (!stop.signal.aborted) setAll(found)
    }
    const go = (): void => {
      read().catch(() => undefined) // the list stays as it was; the next round asks again
    }
    go()
    const timer = at === undefined ? setInterval(go, ALL_EVERY_MS) : undefined
    return () => {
      stop.abort()
      clearInterval(timer)
    }
  }, [isWanted, search, run, at])
  return all
}
