import { price, shares } from '../lib/format.js'
import type { Book } from '../lib/shapes.js'

/** The book of one outcome: asks above, bids below, each level as wide as what it holds; ours are marked. */
export function Ladder({ book }: { book: Book }) {
  const sizes = [...book.asks, ...book.bids].map(([, size]) => size ?? 0)
  const most = Math.max(1, ...sizes)
  const own = new Map<number, number>()
  for (const { price_e4, left_micro } of book.own)
    own.set(price_e4, (own.get(price_e4) ?? 0) + left_micro)
  const row = (side: 'ask' | 'bid') => (level: readonly number[]) => {
    const [at = 0, size = 0] = level
    const mine = own.get(at)
    return (
      <tr key={`${side}${at}`} className={side}>
        <td className="bar">
          <progress max={most} value={size} aria-hidden="true" />
        </td>
        <td>{price(at)}</td>
        <td>{shares(size)}</td>
        <td>{mine === undefined ? '' : <b title="our orders">{shares(mine)} ours</b>}</td>
      </tr>
    )
  }
  return (
    <section className="ladder card">
      <h3>
        {book.label}{' '}
        {!book.tradable && <small className="bad">{book.why.join(', ') || 'not traded'}</small>}
      </h3>
      <table aria-label={`book of ${book.label}`}>
        <thead>
          <tr>
            <th scope="col">
              <span className="sr">depth</span>
            </th>
            <th scope="col">price</th>
            <th scope="col">shares</th>
            <th scope="col">ours</th>
          </tr>
        </thead>
        <tbody>
          {[...book.asks].reverse().map(row('ask'))}
          {book.bids.map(row('bid'))}
          {sizes.length === 0 && (
            <tr>
              <td colSpan={4} className="dim">
                no levels
              </td>
            </tr>
          )}
        </tbody>
      </table>
    </section>
  )
}
