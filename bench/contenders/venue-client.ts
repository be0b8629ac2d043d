import { createRequire } from 'node:module'

/** An order as the venue's own client signs it. */
export interface ClientOrder {
  readonly salt: string
  readonly maker: string
  readonly signer: string
  readonly tokenId: string
  readonly makerAmount: string
  readonly takerAmount: string
  readonly side: string
  readonly signatureType: number
  readonly timestamp: string
  readonly expiration: string
  readonly metadata: string
  readonly builder: string
  readonly signature: string
}

/** What the venue's client is asked for, in its own units. */
export interface ClientAsk {
  readonly tokenID: string
  readonly price: number
  /** Shares of a limit order and of a market sale, dollars of a market buy. */
  readonly amount: number
  readonly isBuy: boolean
  readonly isMarket: boolean
  readonly tickSize: '0.1' | '0.01' | '0.005' | '0.0025' | '0.001' | '0.0001'
  readonly isNegRisk: boolean
  readonly version: 2 | 3
  readonly expiration?: number
}

/** What is used of the client and of viem. They are there for tests and benches only: the program is compiled without them. */
interface Libraries {
  readonly client: {
    readonly OrderBuilder: new (
      wallet: unknown,
      chainId: number,
      type: number,
      funder: string,
    ) => {
      readonly buildOrder: Build
      readonly buildMarketOrder: Build
    }
    readonly orderToJsonV2: (
      ...of: [order: ClientOrder, owner: string, orderType: string, isPostOnly: boolean]
    ) => unknown
    readonly createL2Headers: (
      wallet: unknown,
      credentials: { key: string; secret: string; passphrase: string },
      request: { method: string; requestPath: string; body: string },
      timestampS: number,
    ) => Promise<Readonly<Record<string, string>>>
  }
  readonly viem: {
    readonly createWalletClient: (of: unknown) => unknown
    readonly http: (url: string) => unknown
    readonly hashTypedData: (typed: unknown) => string
  }
  readonly accounts: { readonly privateKeyToAccount: (key: string) => ViemAccount }
}

type Build = (
  order: unknown,
  options: { tickSize: string; negRisk: boolean },
  version: number,
) => Promise<ClientOrder>

/** A key in viem. */
export interface ViemAccount {
  readonly address: string
  readonly signTypedData: (typed: unknown) => Promise<string>
}

/** What signs as the venue's own client does. */
export interface VenueClient {
  readonly sign: (ask: ClientAsk) => Promise<ClientOrder>
  readonly headers: (
    credentials: { key: string; secret: string; passphrase: string },
    request: { method: string; requestPath: string; body: string },
    timestampS: number,
  ) => Promise<Readonly<Record<string, string>>>
}

/**
 * The venue's own client (`@polymarket/clob-client-v2`) over a viem wallet, without a network: it signs what it is asked for.
 * Throws `MODULE_NOT_FOUND` where it is not installed.
 */
export function venueClient(of: {
  readonly key: string
  readonly chainId: 137 | 80002
  readonly type: 0 | 1 | 2 | 3
  readonly funder: string
}): VenueClient {
  const { client, viem } = libraries()
  const transport = viem.http('http://127.0.0.1:9')
  const wallet = viem.createWalletClient({ account: viemAccount(of.key), transport })
  const builder = new client.OrderBuilder(wallet, of.chainId, of.type, of.funder)
  return {
    sign: async ask => {
      const { tokenID, price, amount, isBuy, isMarket, tickSize, version, expiration } = ask
      const options = { tickSize, negRisk: ask.isNegRisk }
      const order = { tokenID, price, side: isBuy ? 'BUY' : 'SELL' }
      if (isMarket) return builder.buildMarketOrder({ ...order, amount }, options, version)
      const end = expiration === undefined ? {} : { expiration }
      return builder.buildOrder({ ...order, size: amount, ...end }, options, version)
    },
    headers: (credentials, request, timestampS) =>
      client.createL2Headers(wallet, credentials, request, timestampS),
  }
}

/** A key in viem. */
export const viemAccount = (key: string): ViemAccount =>
  libraries().accounts.privateKeyToAccount(`0x${key}`)

/** The EIP-712 hash of typed data, by viem. */
export const viemHash = (typed: unknown): string => libraries().viem.hashTypedData(typed)

/** The body of an order as the venue's client writes it. */
export const clientBody = (
  order: ClientOrder,
  owner: string,
  tif: string,
  isPostOnly: boolean,
): string => JSON.stringify(libraries().client.orderToJsonV2(order, owner, tif, isPostOnly))

let loaded: Libraries | undefined

function libraries(): Libraries {
  const load = createRequire(import.meta.url)
  loaded ??= {
    client: load('@polymarket/clob-client-v2') as Libraries['client'],
    viem: load('viem') as Libraries['viem'],
    accounts: load('viem/accounts') as Libraries['accounts'],
  }
  return loaded
}
