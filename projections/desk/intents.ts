import type { EventOf } from '#schemas/registry.js'
import type { CommandRecord, History, OrderRecord } from './history.js'

/** What a note begins with that proposes, or refuses, an intent: the rest is JSON. */
export const PROPOSED = 'intent proposed '
export const REFUSED = 'intent refused '

/** What the operator may have meant: an order in legs that waits for a yes. */
export interface Proposal {
  readonly intent: string
  readonly signal: string
  readonly ttlSecs: number
  readonly legs: NonNullable<EventOf<'CommandGiven'>['data']['legs']>
}

/** An intent: suggested until it is confirmed, refused, or too old; then what became of its orders. */
export interface Intent extends Proposal {
  readonly seq: number
  readonly createdUs: number
  readonly status: 'suggested' | 'expired' | 'rejected' | 'sent' | 'filled'
  readonly reasons: readonly string[]
  readonly orders: readonly OrderRecord[]
  /** The command that confirmed it. */
  readonly confirmed: CommandRecord | undefined
}

/**
 * The intents of a run, oldest first, as its log tells them: proposed and refused in notes, confirmed by orders of the operator. Whoever
 * serves the run remembers nothing of them. `nowUs`: by what clock they get too old.
 */
export function intentsOf(
  { commands, orders }: Pick<History, 'commands' | 'orders'>,
  nowUs: number,
): readonly Intent[] {
  const proposed = new Map<string, Proposal & { seq: number; createdUs: number }>()
  const refused = new Map<string, readonly string[]>()
  const confirmed = new Map<string, CommandRecord>()
  for (const record of commands) {
    const { command, text = '', intent } = record.data
    if (command === 'order' && intent !== undefined && !confirmed.has(intent))
      confirmed.set(intent, record)
    if (command !== 'note') continue
    const said = proposalIn(text)
    if (said && !proposed.has(said.intent))
      proposed.set(said.intent, { ...said, seq: record.seq, createdUs: record.tUs })
    const no = refusalIn(text)
    if (no && !refused.has(no.intent)) refused.set(no.intent, no.reasons)
  }
  const byCause = new Map<number, OrderRecord[]>()
  for (const order of orders) {
    if (order.strategy !== undefined) continue
    const own = byCause.get(order.cause) ?? []
    byCause.set(order.cause, own)
    own.push(order)
  }
  return [...proposed.values()].map(proposal => {
    const command = confirmed.get(proposal.intent)
    const own = command ? (byCause.get(command.seq) ?? []) : []
    const reasons = command?.refused ?? refused.get(proposal.intent) ?? []
    const isOld = nowUs > proposal.createdUs + proposal.ttlSecs * 1_000_000
    const status = command ? sentOr(command, own) : pendingOr(reasons, isOld)
    return { ...proposal, status, reasons, orders: own, confirmed: command }
  })
}

/** The words of the note that proposes an intent. */
export const proposalText = (of: Proposal): string => `${PROPOSED}${JSON.stringify(of)}`

/** The words of the note that refuses one. */
export const refusalText = (intent: string, reasons: readonly string[]): string =>
  `${REFUSED}${JSON.stringify({ intent, reasons })}`

function sentOr(command: CommandRecord, orders: readonly OrderRecord[]): Intent['status'] {
  if (command.refused !== undefined || orders.length === 0) return 'rejected'
  const isFull = ({ steps }: OrderRecord): boolean =>
    steps.some(({ event }) => event.type === 'OrderClosed' && event.data.result === 'full')
  return orders.every(isFull) ? 'filled' : 'sent'
}

const pendingOr = (reasons: readonly string[], isOld: boolean): Intent['status'] =>
  reasons.length > 0 ? 'rejected' : isOld ? 'expired' : 'suggested'

/** Notes are written by people too: what is no proposal of ours is none. */
function proposalIn(text: string): Proposal | undefined {
  const found = jsonBehind(PROPOSED, text)
  if (!found) return undefined
  const { intent, signal, ttlSecs, legs } = found
  if (typeof intent !== 'string' || typeof signal !== 'string') return undefined
  if (!isWhole(ttlSecs) || !Array.isArray(legs) || !legs.every(isLeg)) return undefined
  return { intent, signal, ttlSecs, legs: legs as unknown as Proposal['legs'] } // each was looked at
}

function refusalIn(text: string): { intent: string; reasons: readonly string[] } | undefined {
  const { intent, reasons } = jsonBehind(REFUSED, text) ?? {}
  if (typeof intent !== 'string' || !Array.isArray(reasons)) return undefined
  return { intent, reasons: reasons.map(String) }
}

function jsonBehind(head: string, text: string): Readonly<Record<string, unknown>> | undefined {
  if (!text.startsWith(head)) return undefined
  try {
    const found: unknown = JSON.parse(text.slice(head.length))
    return typeof found === 'object' && found !== null ? { ...found } : undefined
  } catch {
    return undefined
  }
}

const isWhole = (n: unknown): n is number => Number.isSafeInteger(n) && Number(n) >= 0
const isLeg = (leg: unknown): boolean =>
  Array.isArray(leg) && leg.length === 4 && leg.every(isWhole)
