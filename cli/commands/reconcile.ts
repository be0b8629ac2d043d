import type { Call, Command } from '../command.js'
import { loadConfig } from '../config.js'
import { dollars, sharesText } from '../format/money.js'
import { LATEST } from '../latest.js'
import { openAccount } from '../live-account.js'
import { VENUE_HELP, venueUrls } from '../venue-options.js'
import { reconciled, type Compared, type Reconciled } from '../reconcile.js'
import { runDirOf } from '../runs.js'
import { VenueAccount } from '../venue-account.js'

/** `polaris reconcile`: a run's positions, orders and cash against the account at the venue. It writes nothing. */
export const reconcileCommand: Command = {
  name: 'reconcile',
  summary: 'compare what a live run thinks it has with the account at the venue',
  usage: 'reconcile [DIR]',
  example: 'reconcile runs/run_latest',
  options: { venue: { type: 'string' } },
  help: {
    DIR: 'a live run, alive or not (default: the newest)',
    '--venue URL': VENUE_HELP['--venue URL'],
  },
  run: async call => {
    const dir = runDirOf(call.positionals[0] ?? LATEST, call.values)
    const { config } = loadConfig(call.values)
    const urls = venueUrls(call.values, config)
    const opened = await openAccount(config, urls)
    const account = new VenueAccount(opened, urls)
    try {
      const found = await reconciled(dir, account)
      const { maker } = opened.account
      const isEqual = sayAll(call, found)
      const { lastSeq, tokens, cash, elsewhere } = found
      return {
        code: isEqual ? 0 : 1,
        json: {
          ...{ runDir: dir, account: maker, lastSeq, equal: isEqual },
          tokens: tokens.map(({ token, key, ...of }) => ({ token, key, ...jsonOf(of) })),
          orders: found.orders,
          cash: cash ? jsonOf(cash) : null,
          elsewhere: Object.fromEntries(elsewhere),
        },
      }
    } finally {
      await account.close()
      opened.signer.close()
    }
  },
}

const jsonOf = ({ here, there, least, most, isSame }: Compared): object => ({
  ...{ hereMicro: here, thereMicro: there, leastMicro: least, mostMicro: most, same: isSame },
})

/** Tells each difference. Whether there is none that nothing explains. */
function sayAll(call: Call, { lastSeq, tokens, orders, cash, elsewhere }: Reconciled): boolean {
  for (const { token, key, here, there, least, most, isSame } of tokens) {
    if (isSame && here === there) continue
    const flight = `in flight explains ${sharesText(least)} … ${sharesText(most)}`
    call.say(
      `${isSame ? 'in flight' : 'DIFFERENT'}  token ${token} (${key}): ${sharesText(here)} here, ${sharesText(there)} there; ${flight}`,
    )
  }
  for (const { order, venueOrder, what, isExplained } of orders)
    call.say(
      `${isExplained ? 'in flight' : 'DIFFERENT'}  order ${order || '?'} ${venueOrder}: ${what}`,
    )
  if (cash && (!cash.isSame || cash.here !== cash.there))
    call.say(
      `${cash.isSame ? 'in flight' : 'DIFFERENT'}  cash: ${dollars(cash.here)} by the log, ${dollars(cash.there)} there; expected ${dollars(cash.least)} … ${dollars(cash.most)}`,
    )
  if (!cash) call.say('cash was never told to the run: it is not compared')
  if (elsewhere.size > 0)
    call.say(`the account holds ${elsewhere.size} tokens that the run never listed`)
  const isEqual =
    tokens.every(({ isSame }) => isSame) &&
    orders.every(({ isExplained }) => isExplained) &&
    cash?.isSame !== false
  call.say(
    isEqual
      ? `equal, as of event ${lastSeq}: ${tokens.length} tokens compared`
      : `not equal, as of event ${lastSeq}`,
  )
  return isEqual
}
