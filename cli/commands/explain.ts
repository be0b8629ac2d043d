import type { Recorded } from '#schemas/recorded.js'
import { typeOf } from '#schemas/registry.js'
import { bookOf, booksAt } from '../books.js'
import { Refusal, wordOf, type Command } from '../command.js'
import { sayBook } from '../format/book.js'
import { storyLine } from '../format/trade-story.js'
import { rowsOf, runDirOf } from '../runs.js'

const USAGE = 'explain DIR (signal:ID | order:ID | seq:N)'

/** `polaris explain`: why did this happen, on what books, and what came of it? */
export const explainCommand: Command = {
  name: 'explain',
  summary:
    'the chain of causes of any signal, order or event, the books as they stood, and what came of it',
  usage: USAGE,
  example: 'explain runs/demo signal:s3447-1',
  options: {},
  help: {
    'signal:ID': 'a signal, from its tick to its end',
    'order:ID': 'an order, from its tick to its end',
    'seq:N': 'any event by its sequence number',
  },
  run: async call => {
    const dir = runDirOf(wordOf(call, 0, 'DIR', USAGE), call.values)
    const word = wordOf(call, 1, 'what to explain', USAGE)
    const told = await toldRows(dir)
    const target = await targetOf(dir, told, word)
    const chain = await chainOf(dir, told, target)
    const children = descendantsOf(told, target.seq)
    const root = chain[0] ?? target
    const tokens = tokensIn([...chain, ...children])
    const { fold, listed } = await booksAt(dir, root.seq)
    const books = listed.filter(({ token }) => tokens.has(token)).map(of => bookOf(fold, of, 5))
    call.say('because of (root cause first):')
    for (const row of chain) call.say(storyLine(row))
    call.say('it led to:')
    if (children.length === 0) call.say('  nothing')
    for (const row of children) call.say(storyLine(row))
    if (books.length > 0) call.say(`\nthe books behind event ${root.seq}:`)
    for (const book of books) sayBook(call, book)
    const plain = ({ seq, event }: Recorded) => ({ seq, type: event.type, data: event.data })
    return {
      code: 0,
      json: { chain: chain.map(plain), book: books, children: children.map(plain) },
    }
  },
}

/** Every event that has a cause: decisions, answers, clock. Feed inputs, the bulk of a log, have none. */
async function toldRows(dir: string): Promise<ReadonlyMap<number, Recorded>> {
  const told = new Map<number, Recorded>()
  for await (const rows of rowsOf(dir))
    for (const row of rows) if (typeOf(row.event.type).kind !== 'feed') told.set(row.seq, row)
  return told
}

async function targetOf(
  dir: string,
  told: ReadonlyMap<number, Recorded>,
  word: string,
): Promise<Recorded> {
  const colon = word.indexOf(':')
  const [kind, id] = [word.slice(0, colon), word.slice(colon + 1)]
  if (kind === 'seq') return await rowAt(dir, told, Number(id), word)
  if (kind !== 'signal' && kind !== 'order')
    throw new Refusal('usage', `cannot explain '${word}'`, 'command line', USAGE)
  const type = kind === 'signal' ? 'SignalRaised' : 'OrderPlaced'
  for (const row of told.values()) {
    const { event } = row
    if (event.type !== type) continue
    if ((event.type === 'SignalRaised' ? event.data.signal : event.data.order) === id) return row
  }
  throw new Refusal(
    'not-found',
    `there is no ${kind} '${id}'`,
    dir,
    `a ${kind} of this run: see 'polaris summary'`,
  )
}

async function rowAt(
  dir: string,
  told: ReadonlyMap<number, Recorded>,
  seq: number,
  word: string,
): Promise<Recorded> {
  const known = told.get(seq)
  if (known) return known
  for await (const [row] of rowsOf(dir, { fromSeq: seq, untilSeq: seq })) if (row) return row
  throw new Refusal(
    'not-found',
    `there is no event '${word}'`,
    dir,
    'a sequence number of this run',
  )
}

/** From the root cause to the event itself. */
async function chainOf(
  dir: string,
  told: ReadonlyMap<number, Recorded>,
  target: Recorded,
): Promise<Recorded[]> {
  const chain = [target]
  for (let row = target; row.cause > 0;) {
    row = await rowAt(dir, told, row.cause, `seq:${row.cause}`)
    chain.unshift(row)
  }
  return chain
}

/** Everything that this event caused, directly or not, in order. */
function descendantsOf(told: ReadonlyMap<number, Recorded>, seq: number): Recorded[] {
  const family = new Set([seq])
  const found: Recorded[] = []
  for (const row of told.values())
    if (family.has(row.cause)) {
      family.add(row.seq)
      found.push(row)
    }
  return found
}

function tokensIn(rows: readonly Recorded[]): ReadonlySet<number> {
  const tokens = new Set<number>()
  for (const { event } of rows) {
    if ('token' in event.data) tokens.add(event.data.token)
    if (event.type === 'SignalRaised') for (const { token } of event.data.legs) tokens.add(token)
  }
  return tokens
}
