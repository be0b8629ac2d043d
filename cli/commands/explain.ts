import type { Recorded } from '#schemas/recorded.js'
import { BadLine, type EventIndex } from '#engine/log/store/event-index.js'
import { bookOf, booksAt } from '../books.js'
import { Refusal, wordOf, type Answer, type Call, type Command } from '../command.js'
import { sayBook } from '../format/book.js'
import { storyLine } from '#projections/trade-story.js'
import { FOLDERS, runDirOf, startOf } from '../runs.js'

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
    try {
      return await explain(call, dir)
    } catch (error) {
      if (!(error instanceof BadLine)) throw error
      throw new Refusal('damaged', error.message, dir, `see 'polaris verify ${dir}'`)
    }
  },
}

/** What `explain` says of a run, wherever that lives. */
export async function explain(call: Call, dir: string, store = FOLDERS): Promise<Answer> {
  const word = wordOf(call, 1, 'what to explain', USAGE)
  await startOf(dir, store) // a run, and one that began
  const index = await store.index(dir, name => {
    call.progress(`looking at ${name}`)
  })
  const target = await targetOf(dir, index, word)
  const chain = await chainOf(dir, index, target)
  const children = await descendantsOf(index, target.seq)
  const root = chain[0] ?? target
  const tokens = tokensIn([...chain, ...children])
  const { fold, listed } = await booksAt(dir, root.seq, { index, store })
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
}

async function targetOf(dir: string, index: EventIndex, word: string): Promise<Recorded> {
  const colon = word.indexOf(':')
  const [kind, id] = [word.slice(0, colon), word.slice(colon + 1)]
  if (kind === 'seq') return await rowAt(dir, index, Number(id), word)
  if (kind !== 'signal' && kind !== 'order')
    throw new Refusal('usage', `cannot explain '${word}'`, 'command line', USAGE)
  const row = await index.find(kind, id)
  if (row) return row
  throw new Refusal(
    'not-found',
    `there is no ${kind} '${id}'`,
    dir,
    `a ${kind} of this run: see 'polaris summary'`,
  )
}

async function rowAt(dir: string, index: EventIndex, seq: number, word: string): Promise<Recorded> {
  const row = await index.row(seq)
  if (row) return row
  throw new Refusal(
    'not-found',
    `there is no event '${word}'`,
    dir,
    'a sequence number of this run',
  )
}

/** From the root cause to the event itself. */
async function chainOf(dir: string, index: EventIndex, target: Recorded): Promise<Recorded[]> {
  const chain = [target]
  for (let row = target; row.cause > 0;) {
    row = await rowAt(dir, index, row.cause, `seq:${row.cause}`)
    chain.unshift(row)
  }
  return chain
}

/** Everything that this event caused, directly or not, in order. */
async function descendantsOf(index: EventIndex, seq: number): Promise<Recorded[]> {
  const family = new Set([seq])
  const found: Recorded[] = []
  for (const told of index.toldBehind(seq))
    if (family.has(told.cause)) {
      family.add(told.seq)
      found.push(await index.at(told))
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
