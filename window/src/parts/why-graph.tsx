import { useEffect, useRef, useState } from 'react'
import { addressOf } from '../lib/api.js'
import { clock, count } from '../lib/format.js'
import type { Why } from '../lib/shapes.js'
import { useTravel } from '../lib/travel.js'
import { useApi } from '../lib/use-api.js'
import { Modal } from './modal.js'

const [W, H, GAP_X, GAP_Y] = [190, 40, 36, 12]

type Node = Why['nodes'][number]

interface Placed {
  readonly node: Node
  readonly x: number
  readonly y: number
}

/** Why something came about, as a graph: causes to the left, what they led to on the right. */
export function WhyGraph({ of, onClose }: { of: string; onClose: () => void }) {
  const { run, goTo } = useTravel()
  const { body, fault } = useApi<Why>(addressOf('why', { run, of }))
  const [picked, setPicked] = useState<Node | undefined>()
  const placed = body ? place(body) : []
  const at = new Map(placed.map(one => [one.node.seq, one]))
  const width = Math.max(W, ...placed.map(({ x }) => x + W)) + 8
  const height = Math.max(H, ...placed.map(({ y }) => y + H)) + 8
  const graph = useRef<HTMLDivElement>(null)
  useEffect(() => {
    // What was asked about may stand far from its root.
    const element = graph.current?.querySelector('.node.picked')
    element?.scrollIntoView({ block: 'center', inline: 'center' })
  }, [body])
  const shown = picked ?? body?.nodes.find(({ seq }) => seq === body.of)
  return (
    <Modal title={`Why ${of}`} onClose={onClose} wide>
      {fault && (
        <p className="bad" role="alert">
          {fault.message}
        </p>
      )}
      {!body && !fault && <p className="dim">looking…</p>}
      {body && (
        <>
          <div
            ref={graph}
            className="scroll graph"
            tabIndex={0}
            role="region"
            aria-label="graph of causes"
          >
            <svg
              width={width}
              height={height}
              role="group"
              aria-label={`${body.nodes.length} events and their causes`}
            >
              {placed.map(({ node, x, y }) => {
                const from = at.get(node.cause)
                if (!from) return null
                const [x1, y1, y2] = [from.x + W, from.y + H / 2, y + H / 2]
                const middle = (x1 + x) / 2
                return (
                  <path
                    key={node.seq}
                    className="edge"
                    d={`M${x1} ${y1} C${middle} ${y1} ${middle} ${y2} ${x} ${y2}`}
                  />
                )
              })}
              {placed.map(({ node, x, y }) => (
                <g
                  key={node.seq}
                  className={`node ${node.seq === shown?.seq ? 'picked' : ''} ${kindOf(node.type)}`}
                  transform={`translate(${x} ${y})`}
                  tabIndex={0}
                  role="button"
                  onClick={() => setPicked(node)}
                  onKeyDown={event => {
                    if (event.key === 'Enter' || event.key === ' ') setPicked(node)
                  }}
                >
                  <rect width={W} height={H} rx={6} />
                  <text x={8} y={16}>
                    {node.type}
                  </text>
                  <text x={8} y={32} className="small">
                    {shortOf(node)}
                  </text>
                </g>
              ))}
            </svg>
          </div>
          {shown && (
            <section className="event">
              <h3>
                {shown.type}{' '}
                <small className="dim">
                  event {count(shown.seq)} · {clock(shown.t_us)} · because of{' '}
                  {shown.cause === 0 ? 'the world' : count(shown.cause)}
                </small>
              </h3>
              <p>{shown.text}</p>
              <pre tabIndex={0}>{pretty(shown.data)}</pre>
              <button
                type="button"
                onClick={() => {
                  goTo(shown.seq)
                  onClose()
                }}
              >
                go to this event
              </button>
            </section>
          )}
          {body.truncated && (
            <p className="dim">
              There is more than this graph shows: polaris explain has all of it.
            </p>
          )}
        </>
      )}
    </Modal>
  )
}

/** A column for each step from the root; within a column by the log's order, and never above its cause's first child. */
function place({ nodes }: Why): Placed[] {
  const depth = new Map<number, number>()
  const next: number[] = []
  const rows = new Map<number, number>()
  return nodes.map(node => {
    const column = (depth.get(node.cause) ?? -1) + 1
    depth.set(node.seq, column)
    const row = Math.max(next[column] ?? 0, rows.get(node.cause) ?? 0)
    next[column] = row + 1
    rows.set(node.seq, row)
    return { node, x: column * (W + GAP_X), y: row * (H + GAP_Y) }
  })
}

/** What fits into a box. */
const shortOf = ({ text, seq }: Node): string => (text === '' ? `event ${seq}` : text.slice(0, 30))

const kindOf = (type: string): string =>
  /Refused|Rejected|Stop|Dropped/.test(type)
    ? 'no'
    : /Filled|Approved|Settled/.test(type)
      ? 'yes'
      : ''

function pretty(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), null, 1)
  } catch {
    return json
  }
}
