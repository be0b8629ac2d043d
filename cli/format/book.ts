import type { BookShown } from '../books.js'
import type { Call } from '../command.js'
import { priceText, sharesText } from './money.js'

/** A book as a trader draws it: asks above, bids below. */
export function sayBook(
  call: Call,
  { token, question, outcome, bids, asks, tradable, why }: BookShown,
): void {
  const state = tradable ? 'tradable' : why.join(', ')
  call.say(`\ntoken ${token} · ${question} · ${outcome || '?'} · ${state}`)
  for (const [price, size] of [...asks].reverse())
    call.say(`        ${priceText(price)}  ${sharesText(size)}`)
  call.say('        ──────')
  for (const [price, size] of bids) call.say(`        ${priceText(price)}  ${sharesText(size)}`)
}
