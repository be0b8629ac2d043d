import { Refusal, textOf, wholeOf, wordOf, type Command } from '../command.js'
import { sayBook } from '../format/book.js'
import { bookOf, booksAt } from '../books.js'
import { runDirOf } from '../runs.js'

const USAGE = 'book DIR [--at SEQ] [--token ID] [--depth N]'

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
    for (const book of books) sayBook(call, book)
    return { code: 0, json: { seq: found.seq, tUs: found.tUs, books } }
  },
}
