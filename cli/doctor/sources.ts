import type { Config } from '#schemas/config.js'
import type { WallClock } from '#engine/core/wall-clock.js'
import { BookDesk } from '#engine/harvest/book-desk.js'
import { accountOf, dataOf } from '#engine/harvest/decode/xtracker.js'
import { pageOf } from '#engine/harvest/decode/gamma.js'
import { Refused, RowFault } from '#engine/harvest/decode/row.js'
import { Fetcher } from '#engine/harvest/fetcher.js'
import { httpPort } from '#engine/harvest/http.js'
import { Outcome } from '#engine/harvest/jobs/outcome.js'
import { settingsOf } from '../harvest/settings.js'
import { machineClock } from '../machine-clock.js'
import type { Values } from '../command.js'
import { fail, ok, warn, type Look } from './finding.js'

/** Looks at what collectors would ask: the account of each handle, the catalogue, books. Nothing is recorded. */
export function sourceLooks(
  config: Config,
  values: Values,
  handles: readonly string[],
): { readonly looks: readonly Look[]; readonly close: () => Promise<void> } {
  const clock: WallClock = machineClock()
  const http = httpPort(() => clock.nowUs() / 1_000)
  const settings = settingsOf(config, values, handles)
  const fetcher = new Fetcher({
    http,
    clock,
    settings: () => settings,
    signal: new AbortController().signal,
  })
  let token = ''
  const accounts = handles.map(handle => ({
    name: `xtracker ${handle}`,
    look: async () => {
      const answer = await fetcher.get('xtracker', `/users/${encodeURIComponent(handle)}`)
      if (answer.tag === 'failed') return fail(`${answer.fault}: ${answer.message}`)
      try {
        const { name, posts, platform } = accountOf(dataOf(answer.value))
        return ok(`${name} (${platform}), ${posts < 0 ? 'posts not counted' : `${posts} posts`}`)
      } catch (error) {
        if (!(error instanceof RowFault)) throw error
        return fail(`the account has another form: ${error.message}`)
      }
    },
  }))
  const catalogue: Look = {
    name: 'catalogue',
    look: async () => {
      const answer = await fetcher.get('gamma', '/markets/keyset?limit=10&closed=false')
      if (answer.tag === 'failed') return fail(`${answer.fault}: ${answer.message}`)
      const refused = new Refused()
      const page = pageOf(answer.value, refused)
      if (!page) return fail('a page of markets has another form')
      token = page.markets[0]?.tokens[0]?.id ?? ''
      const bad =
        refused.count === 0
          ? ''
          : `, ${refused.count} that do not fit: ${JSON.stringify(refused.facts)}`
      return (refused.count === 0 ? ok : warn)(`${page.markets.length} markets of a page${bad}`)
    },
  }
  const books: Look = {
    name: 'books',
    look: async () => {
      if (token === '') return warn('there is no token to ask about')
      const out = new Outcome()
      const found = await new BookDesk({ fetcher, live: undefined }).sample([token], out)
      const { failure } = out
      if (failure) return fail(`${failure.fault}: ${failure.message}`)
      const book = found.get(token)
      return book
        ? ok(`${(book.bids.length + book.asks.length) / 2} levels of one token`)
        : warn('no book of that token')
    },
  }
  return { looks: [...accounts, catalogue, books], close: () => http.close() }
}
