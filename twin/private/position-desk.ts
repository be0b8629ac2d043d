import { failure, jsonOf, said, type Answer, type Asked } from '../answer.js'
import type { Credentials } from '../auth/credentials.js'
import { convert, merge, split, type Conversion } from '../exchange/conversion.js'
import type { Exchange } from '../exchange/exchange.js'
import { ONE } from '../exchange/money.js'
import type { TwinMarket, TwinMarkets } from '../markets.js'

/**
 * What the venue's contracts do with positions: split, merge, convert. At the venue these are transactions through its relayer;
 * the twin takes them as calls of its own, `POST /twin/…` with `{"conditions":["0x…"],"size":"10","signature_type":0}`.
 */
export class PositionDesk {
  readonly #exchange: Exchange
  readonly #markets: TwinMarkets

  constructor(exchange: Exchange, markets: TwinMarkets) {
    this.#exchange = exchange
    this.#markets = markets
  }

  /** Answers `POST /twin/split`. */
  split(owner: Credentials, asked: Asked): Answer {
    return this.#done(owner, asked, (of, [market]) =>
      market ? split(this.#exchange.ledger, market, of) : UNKNOWN,
    )
  }

  /** Answers `POST /twin/merge`. */
  merge(owner: Credentials, asked: Asked): Answer {
    return this.#done(owner, asked, (of, [market]) =>
      market ? merge(this.#exchange.ledger, market, of) : UNKNOWN,
    )
  }

  /** Answers `POST /twin/convert`. */
  convert(owner: Credentials, asked: Asked): Answer {
    return this.#done(owner, asked, (of, chosen) => {
      const all = this.#markets.events.get(chosen[0]?.event ?? '')?.markets ?? []
      return convert(this.#exchange.ledger, { chosen, all }, of)
    })
  }

  #done(
    { address: owner }: Credentials,
    { body }: Asked,
    act: (of: Conversion, markets: readonly TwinMarket[]) => string | undefined,
  ): Answer {
    const value = jsonOf(body)
    const fields: Readonly<Record<string, unknown>> =
      typeof value === 'object' && value !== null ? { ...value } : {}
    const { conditions, size, signature_type: type = 0 } = fields
    const markets = Array.isArray(conditions)
      ? conditions.map(one => this.#markets.markets.get(String(one)))
      : []
    if (typeof size !== 'string' || !/^\d{1,6}(\.\d{1,6})?$/.test(size) || Number(size) === 0)
      return failure(400, 'size is a decimal of shares, in a string')
    if (typeof type !== 'number') return failure(400, 'signature_type is a number')
    const known = markets.flatMap(one => one ?? [])
    if (known.length === 0 || known.length < markets.length) return failure(404, UNKNOWN)
    const { ledger } = this.#exchange
    const wallet =
      type === 0
        ? ledger.open({ address: owner, owner, signatureType: 0 })
        : ledger.walletOf(owner, type)
    if (!wallet) return failure(404, 'wallet not found')
    const why = act({ wallet, size: Math.round(Number(size) * ONE) }, known)
    return why === undefined ? said({ success: true }) : failure(400, why)
  }
}

const UNKNOWN = 'market not found'
