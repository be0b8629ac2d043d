import assert from 'node:assert'
import type { Account } from './account.js'
import type { OrderFields } from './order.js'

/** Fails where an order is not one of this account and key: the venue would refuse it, and we would have logged a wrong id. */
export function requireOwn(account: Account, fields: OrderFields, address: string): void {
  assert.equal(account.owner, address, 'Invariant: the account is of another key')
  const { maker, signer, type } = fields
  const isOwn = maker === account.maker && signer === account.signer && type === account.type
  assert(isOwn, 'Invariant: the order is of another account')
}

/** Fails where a proof is asked for with anything else than whole numbers. */
export function requireWhole(...numbers: readonly number[]): void {
  for (const n of numbers)
    assert(Number.isSafeInteger(n) && n >= 0, `Invariant: ${n} is no whole number`)
}
