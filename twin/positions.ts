import { failure, said, type Answer, type Asked } from './answer.js'
import type { Ledger } from './exchange/ledger.js'

/** Rows of a page. */
const PAGE = 100

/** Answers `GET /positions` of the Data API: what a wallet holds, by token. Undefined for another call. */
export function positionsAnswer(
  ledger: Ledger,
  { method, path, query }: Asked,
): Answer | undefined {
  if (`${method} ${path}` !== 'GET /data/v2/positions') return undefined
  const user = query.get('user') ?? ''
  if (!/^0x[0-9a-fA-F]{40}$/.test(user)) return failure(400, 'user is no address')
  const shares = ledger.wallets.get(user.toLowerCase())?.shares ?? new Map<string, number>()
  const held = [...shares].filter(([, size]) => size > 0)
  const from = Number(query.get('cursor') ?? '0')
  const rows = held.slice(from, from + PAGE)
  const next = from + PAGE < held.length ? String(from + PAGE) : ''
  return said({
    data: rows.map(([token_id, size]) => ({ token_id, current_size: size / 1e6, status: 'OPEN' })),
    pagination: { limit: PAGE, offset: from, has_more: next !== '', next_cursor: next },
  })
}
