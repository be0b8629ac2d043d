import { useState } from 'react'
import { addressOf } from '../lib/api.js'
import { price } from '../lib/format.js'
import type { MarketPage } from '../lib/shapes.js'
import { timeAt, useTravel } from '../lib/travel.js'
import { useApi } from '../lib/use-api.js'
import { Chart } from '../parts/chart.js'
import { Heat } from '../parts/heat.js'
import { Ladder } from '../parts/ladder.js'

/** One market: its books, its price so far, its liquidity, and the markets that are like it. */
export function MarketDetail({ id }: { id: string }) {
  const { of, timeline } = useTravel()
  const { body, fault } = useApi<MarketPage>(
    addressOf(`markets/${encodeURIComponent(id)}`, { ...of, depth: 12 }),
    of.at === undefined ? 1_000 : 0,
  )
  const [shown, setShown] = useState(0)
  if (fault && !body)
    return (
      <p className="bad" role="alert">
        {fault.message}
      </p>
    )
  if (!body) return <p className="dim">looking…</p>
  const option = body.options[shown] ?? body.options[0]
  return (
    <>
      <header className="row">
        <h2>{body.title}</h2>
        <span className={`tag ${body.status}`}>{body.status}</span>
        <small className="dim">
          {body.tags.join(' · ')} · {body.market_id}
        </small>
        <a href="#/markets">all markets</a>
      </header>
      <div className="columns even">
        {body.books.map(book => (
          <Ladder key={book.token} book={book} />
        ))}
      </div>
      {body.sparkline.length > 1 && (
        <section className="card">
          <h3>Price of {body.options[0]?.label}</h3>
          <Chart
            label={`price of ${body.title}`}
            height={150}
            x={body.sparkline.map(({ ts }) => ts / 1_000)}
            y={body.sparkline.map(({ price: at }) => at)}
            mark={of.at === undefined ? undefined : timeAt(timeline, of.at) / 1e6}
            format={value => value.toFixed(3)}
          />
        </section>
      )}
      {option && (
        <>
          <div role="group" aria-label="outcome" className="row">
            {body.options.map((one, k) => (
              <button
                key={one.token}
                type="button"
                aria-pressed={k === shown}
                onClick={() => setShown(k)}
              >
                {one.label} {price(one.bid_e4)} / {price(one.ask_e4)}
              </button>
            ))}
          </div>
          <Heat key={option.token} token={option.token} label={option.label} />
        </>
      )}
      <section className="card">
        <h3>Similar markets</h3>
        {body.synonyms.length === 0 && <p className="dim">none</p>}
        <ul>
          {body.synonyms.map(({ market_id, title, why, last_price }) => (
            <li key={market_id}>
              <a href={`#/market/${encodeURIComponent(market_id)}`}>{title}</a>{' '}
              <small className="dim">
                {why === 'group' ? 'same event' : 'like words'} · {last_price?.toFixed(4) ?? '—'}
              </small>
            </li>
          ))}
        </ul>
      </section>
    </>
  )
}
