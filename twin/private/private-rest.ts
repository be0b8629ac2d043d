import { failure, said, type Answer, type Asked } from '../answer.js'
import type { Credentials, Keys } from '../auth/credentials.js'
import type { Faults } from '../faults.js'
import type { AccountDesk } from './account-desk.js'
import type { CancelDesk } from './cancel-desk.js'
import type { Heartbeats } from './heartbeats.js'
import type { OrderDesk } from './order-desk.js'
import type { PositionDesk } from './position-desk.js'

/** The desks behind the private calls. */
export interface Desks {
  readonly keys: Keys
  readonly orders: OrderDesk
  readonly cancels: CancelDesk
  readonly accounts: AccountDesk
  readonly heartbeats: Heartbeats
  readonly positions: PositionDesk
  readonly faults: Faults
}

type Call = (owner: Credentials, asked: Asked) => Answer

/** The calls of CLOB REST that want a proof of who asks. */
export class PrivateRest {
  readonly #keys: Keys
  readonly #accounts: AccountDesk
  readonly #faults: Faults
  /** While accounts are stale: each answer as it was first given. */
  readonly #stale = new Map<string, Answer>()
  readonly #calls: ReadonlyMap<string, Call>

  constructor(of: Desks) {
    const { keys, orders, cancels, accounts, heartbeats, positions, faults } = of
    this.#keys = keys
    this.#accounts = accounts
    this.#faults = faults
    const calls: Readonly<Record<string, Call>> = {
      'POST /order': (owner, asked) => orders.one(owner, asked),
      'POST /orders': (owner, asked) => orders.many(owner, asked),
      'DELETE /order': (owner, asked) => cancels.one(owner, asked),
      'DELETE /orders': (owner, asked) => cancels.many(owner, asked),
      'DELETE /cancel-all': owner => cancels.all(owner),
      'DELETE /cancel-market-orders': (owner, asked) => cancels.inMarket(owner, asked),
      'GET /data/orders': (owner, asked) => accounts.orders(owner, asked),
      'GET /data/trades': (owner, asked) => accounts.trades(owner, asked),
      'GET /balance-allowance': (owner, asked) => accounts.balance(owner, asked),
      'GET /balance-allowance/update': (owner, asked) => accounts.balance(owner, asked),
      'POST /v1/heartbeats': (owner, asked) => heartbeats.beat(owner, asked),
      'GET /auth/ban-status/closed-only': () => said({ closed_only: faults.isOn('closed-only') }),
      'POST /twin/split': (owner, asked) => positions.split(owner, asked),
      'POST /twin/merge': (owner, asked) => positions.merge(owner, asked),
      'POST /twin/convert': (owner, asked) => positions.convert(owner, asked),
      'GET /auth/api-keys': owner => said({ apiKeys: [owner.apiKey] }),
      'DELETE /auth/api-key': owner => {
        keys.revoke(owner)
        return said('OK')
      },
    }
    this.#calls = new Map(Object.entries(calls))
  }

  /** The answer of a private call; undefined where this is none. */
  answer(asked: Asked): Answer | undefined {
    const name = `${asked.method} ${asked.path}`
    if (name === 'POST /auth/api-key' || name === 'GET /auth/derive-api-key')
      return this.#key(asked)
    const id = /^GET \/data\/order\/([^/]+)$/.exec(name)?.[1]
    const call: Call | undefined =
      id === undefined ? this.#calls.get(name) : owner => this.#accounts.order(owner, id)
    if (!call) return undefined
    const owner = this.#keys.requestedBy(asked.headers, asked)
    if (!owner || this.#faults.isOn('unauthorized'))
      return failure(401, 'Unauthorized/Invalid api key')
    if (asked.method === 'GET' && this.#faults.isOn('account-500'))
      return failure(500, 'Internal server error')
    return asked.method === 'GET' ? this.#seen(owner, asked, call) : call(owner, asked)
  }

  /** What is answered to a question: while accounts are stale, what was answered when it was first asked. */
  #seen(owner: Credentials, asked: Asked, call: Call): Answer {
    if (!this.#faults.isOn('stale-account')) {
      this.#stale.clear()
      return call(owner, asked)
    }
    const key = `${owner.address} ${asked.path}?${asked.query.toString()}`
    const answer = this.#stale.get(key) ?? call(owner, asked)
    this.#stale.set(key, answer)
    return answer
  }

  /** Gives a wallet that proves itself its API key. */
  #key({ method, headers }: Asked): Answer {
    const key = this.#keys.signedFor(headers)
    if (!key) return failure(401, 'Invalid L1 Request headers')
    if (this.#keys.isRevoked(key)) return failure(400, 'Could not derive api key!')
    if (method === 'POST' && !this.#keys.create(key))
      return failure(400, 'Could not create api key')
    const { apiKey, secret, passphrase } = key
    return said({ apiKey, secret, passphrase })
  }
}
