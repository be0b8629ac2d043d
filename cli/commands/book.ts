import * as E from 'fp-ts/lib/Either.js'
import { ASK, BID, type Side } from '#schemas/levels.js'
import { BAD, HOT, LineReader } from '#schemas/line/reader.js'
import { DISTRUSTS } from '#schemas/reasons.js'
import { TRUST_BITS } from '#engine/book/book.js'
import type { BookFold } from '#engine/book/fold.js'
import { clearTouched, foldEvent, tsFold, untouched } from '#engine/book/ts-fold.js'
import { Refusal, textOf, wholeOf, wordOf, type Command } from '../command.js'
import { priceText, sharesText } from '../format/money.js'
import { commitsOf, runDirOf } from '../runs.js'

const USAGE = 'book DIR [--at SEQ] [--token ID] [--depth N]'

interface Listed {
  readonly token: number
  readonly market: number
  readonly outcome: string
  readonly key: string
  readonly question: string
}

/** `polaris book`: the books as they stood at any moment of a run. */
export const bookCommand: Command = {
  name: 'book',
  summary: 'the order books as they stood behind any event of a run',
  usage: USAGE,
  example: 'book runs/demo --at 5000 --depth 3',
  options: { at: { type: 'string' }, token: { type: 'string' }, depth: { type: 'string' } },
  help: {
    '--at SEQ': 'behind this event (default: the last)',
    '--token ID': "one token, by its small id or the venue's",
    '--depth N': 'levels a side (default 5; 0: all)',
  },
  run: async call => {
    const dir = runDirOf(wordOf(call, 0, 'DIR', USAGE), call.values)
    const at = wholeOf(call.values, 'at', 1) ?? Number.POSITIVE_INFINITY
    const depth = wholeOf(call.values, 'depth') ?? 5
    const found = await booksAt(dir, at)
    const wanted = textOf(call.values, 'token')
    const listed = found.listed.filter(
      ({ token, key }) => wanted === undefined || `${token}` === wanted || key === wanted,
    )
    if (listed.length === 0)
      throw new Refusal(
        'no-token',
        `no token ${wanted ?? ''} is listed by then`,
        dir,
        'see --token and --at',
      )
    const books = listed.map(of => bookOf(found.fold, of, depth))
    call.say(`behind event ${found.seq}, ${new Date(found.tUs / 1_000).toISOString()}`)
    for (const { token, question, outcome, bids, asks, tradable, why } of books) {
      call.say(
        `\ntoken ${token} · ${question} · ${outcome || '?'} · ${tradable ? 'tradable' : why.join(', ')}`,
      )
      for (const [price, size] of [...asks].reverse())
        call.say(`        ${priceText(price)}  ${sharesText(size)}`)
      call.say('        ──────')
      for (const [price, size] of bids) call.say(`        ${priceText(price)}  ${sharesText(size)}`)
    }
    return { code: 0, json: { seq: found.seq, tUs: found.tUs, books } }
  },
}

async function booksAt(
  dir: string,
  at: number,
): Promise<{ fold: BookFold; listed: Listed[]; seq: number; tUs: number }> {
  const fold = tsFold()
  const touched = untouched()
  const reader = new LineReader()
  const listed: Listed[] = []
  const questions = new Map<number, string>()
  let [seq, tUs] = [0, 0]
  for await (const { bytes, file } of commitsOf(dir)) {
    reader.over(bytes)
    for (let start = 0; start < bytes.length;) {
      const end = bytes.indexOf(10, start)
      const kind = reader.read(start, end)
      if (kind === BAD)
        throw new Refusal('damaged', reader.fault?.message ?? '', `${dir}/${file}, behind ${seq}`)
      if (reader.seq > at) return { fold, listed, seq, tUs }
      ;({ seq, tUs } = reader)
      clearTouched(touched)
      if (kind === HOT) {
        const { changes, length } = reader
        fold.change({ changes, length, tUs }, touched)
      } else {
        const row = reader.recorded(kind)
        if (E.isLeft(row))
          throw new Refusal('unreadable-event', row.left.message, `${dir}, sequence ${seq}`)
        const { event } = row.right
        foldEvent(fold, event, tUs, touched)
        if (event.type === 'MarketListed')
          questions.set(event.data.market, event.data.question || event.data.key)
        if (event.type === 'TokenListed')
          listed.push({ ...event.data, question: questions.get(event.data.market) ?? '' })
      }
      start = end + 1
    }
  }
  return { fold, listed, seq, tUs }
}

function bookOf(fold: BookFold, { token, market, outcome, question, key }: Listed, depth: number) {
  const bits = fold.distrustOf(token)
  const levels = (side: Side): (readonly [number, number])[] => {
    const found: (readonly [number, number])[] = []
    fold.view(token)?.walk(side, (price, size) => {
      found.push([price, size])
      return depth === 0 || found.length < depth
    })
    return found
  }
  const why = DISTRUSTS.filter(reason => (bits & TRUST_BITS[reason]) !== 0)
  return {
    token,
    market,
    key,
    question,
    outcome,
    bids: levels(BID),
    asks: levels(ASK),
    tradable: bits === 0,
    why,
  }
}
