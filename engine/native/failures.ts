import assert from 'node:assert'
import { CODES } from './addon.js'

/** Fails as the reference does. */
export function judge(code: number, about: number): void {
  if (code === CODES.unlisted) unlisted(about)
  if (code === CODES.notATick) assert.fail(`Invariant: ${about} is not a tick`)
  if (code === CODES.outOfRange) assert.fail('Invariant: a number of the feed is out of its range')
}

/** Fails as the reference does for a token that nobody listed. */
export function unlisted(token: number): never {
  assert.fail(`Invariant: token ${token} was changed before it was listed`)
}
