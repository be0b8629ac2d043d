import type { Recorded } from '#schemas/recorded.js'
import { wordsOf } from '#projections/trade-story.js'
import type { RunView } from '../run/run-view.js'
import type { Why } from '../shapes/trading.js'
import { NotFound } from './not-found.js'

/** Events of one graph at most. */
const NODES_MAX = 300
/** Events behind the root that are looked through for what came of it. */
const REACH = 100_000
/** Longest text of an event that is shown whole. */
const DATA_MAX = 4_000

/** Why an event came about and what came of it: from its root cause on, everything that the root led to. */
export async function whyOf(view: RunView, target: string): Promise<Why> {
  const seq = seqOf(view, target)
  const chain: Recorded[] = []
  for (let at = seq; at > 0;) {
    const row = await view.row(at)
    if (!row) throw new NotFound(`there is no event ${at}`, 'a sequence number of this run')
    chain.unshift(row)
    at = row.cause
  }
  const root = chain[0]!.seq
  const family = new Map(chain.map(row => [row.seq, row]))
  // What happens to an order later stands behind its last known step.
  const reach = Math.min(view.seq, Math.max(root + REACH, lastSeqOf(view, target)))
  let truncated = false
  for await (const rows of view.rows(root, reach)) {
    for (const row of rows) {
      if (row.cause === 0 || !family.has(row.cause) || family.has(row.seq)) continue
      if (family.size >= NODES_MAX) truncated = true
      else family.set(row.seq, row)
    }
    if (truncated) break
  }
  const nodes = [...family.values()].sort((a, b) => a.seq - b.seq)
  return { of: seq, nodes: nodes.map(nodeOf), truncated }
}

function nodeOf({ seq, tUs, cause, event }: Recorded): Why['nodes'][number] {
  const data = JSON.stringify(event.data)
  return {
    ...{ seq, t_us: tUs, cause, type: event.type, text: wordsOf(event) },
    data: data.length > DATA_MAX ? `${data.slice(0, DATA_MAX)}…` : data,
  }
}

function seqOf(view: RunView, target: string): number {
  const [kind, ...rest] = target.split(':')
  const id = rest.join(':')
  if (kind === 'signal' || kind === 'order') {
    const found = view.history[kind](id)
    if (found) return found.seq
    throw new NotFound(`there is no ${kind} '${id}'`, `a ${kind} of this run`)
  }
  const seq = Number(id)
  if (kind === 'seq' && Number.isSafeInteger(seq) && seq >= 1 && seq <= view.seq) return seq
  throw new NotFound(`nothing is called '${target}'`, 'signal:ID, order:ID or seq:N of this run')
}

function lastSeqOf(view: RunView, target: string): number {
  const id = target.slice(target.indexOf(':') + 1)
  const record = view.history.signal(id) ?? view.history.order(id)
  return record?.steps.at(-1)?.seq ?? 0
}
