import type { Config } from '#schemas/config.js'
import { channelAuthOf, l1HeadersOf } from '#engine/gateways/polymarket/sign/auth.js'
import { exchangeOf } from '#engine/gateways/polymarket/sign/exchange.js'
import { isRefused } from '#engine/gateways/polymarket/sign/refused.js'
import { signerOf } from '#engine/gateways/polymarket/sign/signer.js'
import { signerApi } from '../backend.js'
import { Refusal } from '../command.js'
import { dollars } from '../format/money.js'
import { openAccount, type LiveAccount } from '../live-account.js'
import { VenueAccount } from '../venue-account.js'
import { fail, ok, warn, type Finding, type Look } from './finding.js'
import { channel } from './venue.js'

/** A public key for tests (account 0 of Hardhat), and the venue's own vector of a proof by it. Source: tests of `clob-client`. */
const KNOWN_KEY = 'ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80'
const KNOWN_PROOF =
  '0xf62319a987514da40e57e2f4d7529f7bac38f0355bd88bb5adbb3768d80de6c1682518e0af677d5260366425f4361e7b70c25ae232aff0ab2331e2b164a1aedc1b'
const KNOWN = { chainId: 80_002, timestampS: 10_000_000, nonce: 23 }
/** Converts positions of negative risk; orders of such markets need its leave too. Source: Polymarket documentation, 2026. */
const NEG_RISK_ADAPTER = '0xd91E80cF2E7be2e162c6513ceD06f1dD0dA35296'

type Found = Omit<Finding, 'name'>

/** What live trading needs of this machine and its configuration. */
export const readinessLooks = (config: Config, env: NodeJS.ProcessEnv): readonly Look[] => [
  { name: 'signer', look: signer },
  {
    name: 'live-switches',
    look: () => {
      const missing = [
        ...(env['RAZOR_MODE'] === 'live' ? [] : ['RAZOR_MODE=live in the environment']),
        ...(config.live.enabled ? [] : ['live.enabled = true']),
      ]
      if (missing.length === 0) return ok('both are set; --confirm-live is the third')
      return warn(`without ${missing.join(' and ')} nothing is traded live`)
    },
  },
  {
    name: 'risk-cap',
    look: () => {
      const { global_exposure_max_micro: most } = config.risk
      if (most > 0) return ok(`at most ${dollars(most)} at risk`)
      return warn(
        'risk.global_exposure_max_micro is 0: live runs are refused without a cap, 1e-6 $',
      )
    },
  },
]

/** Both signers give the venue's own vector. */
function signer(): Found {
  const proofOf = (api: ReturnType<typeof signerApi>): string => {
    const one = signerOf(Uint8Array.from(Buffer.from(KNOWN_KEY, 'hex')), api)
    const proof = l1HeadersOf(one, KNOWN)['POLY_SIGNATURE'] ?? ''
    one.close()
    return proof
  }
  if (proofOf(undefined) !== KNOWN_PROOF) return fail('TypeScript does not sign as the venue does')
  const api = signerApi()
  if (!api) return warn('there is no native signer: TypeScript signs, some 0.5 ms an order')
  if (proofOf(api) !== KNOWN_PROOF)
    return fail('the native signer does not sign as TypeScript does: build it again')
  return ok('native, and as TypeScript and the venue sign')
}

/** The account, once it is open. */
type Opened = LiveAccount & { readonly venue: VenueAccount }

/** What the account is, has, and may do at the venue. Its key is read once, by the first look that needs it. */
export function accountLooks(
  config: Config,
  urls: Config['venue'],
  env: NodeJS.ProcessEnv,
): { readonly looks: readonly Look[]; readonly close: () => Promise<void> } {
  let opening: Promise<Opened> | undefined
  const open = async (): Promise<Opened> => {
    opening ??= openAccount(config, urls, env).then(account => ({
      ...account,
      venue: new VenueAccount(account, urls),
    }))
    return await opening
  }
  const look = (name: string, with_: (of: Opened) => Promise<Found> | Found): Look => ({
    name,
    look: async () => {
      const opened = await open().catch(() => undefined)
      return opened ? await with_(opened) : warn('not looked at: see the line of the key')
    },
  })
  const looks: Look[] = [
    { name: 'key', look: async () => keyed(await open()) },
    look('account', ({ account: { type, maker, owner } }) =>
      type === 0
        ? ok(`${maker}, its own funder`)
        : ok(`${maker}, of signature type ${type}, owned by ${owner}`),
    ),
    look('credentials', async ({ venue }) => {
      await venue.openOrders()
      return ok('the venue takes the API key')
    }),
    look('closed-only', async ({ venue }) =>
      (await venue.isClosedOnly())
        ? fail('the account may only close positions: ask the venue why')
        : ok('the account may open positions'),
    ),
    look('user-channel', ({ credentials }) =>
      channel(urls.user, { auth: channelAuthOf(credentials), type: 'user' }),
    ),
    look('balance', async ({ venue }) => {
      const { balance } = await venue.balance()
      if (balance > 0) return ok(dollars(balance))
      return warn('there is no cash: deposit, or only sells are possible')
    }),
    ...spendersOf(config.account.chain_id).map(({ name, contract, what }) =>
      look(name, async ({ venue }) => {
        const { balance, allowances } = await venue.balance()
        const allowed = allowances.get(contract.toLowerCase()) ?? 0n
        if (allowed >= BigInt(Math.max(balance, 1))) return ok(`${contract} may move all cash`)
        return warn(
          `${contract} may move ${dollars(Number(allowed))} of ${dollars(balance)}; expected all of it: orders in ${what} are refused until the account approves it`,
        )
      }),
    ),
    look('open-orders', async ({ venue }) => {
      const { length } = await venue.openOrders()
      if (length === 0) return ok('none')
      return warn(`${length}: a live run that does not know them cancels them`)
    }),
  ]
  return {
    looks,
    close: async () => {
      const opened = await opening?.catch(() => undefined)
      await opened?.venue.close()
      opened?.signer.close()
    },
  }
}

const keyed = ({ signer: { address, backend } }: Opened): Found => ok(`${address} (${backend})`)

/** Who must be allowed to move the account's cash, by the markets that it trades. */
function spendersOf(chainId: number) {
  const contractOf = (version: string, isNegRisk: boolean): string => {
    const exchange = exchangeOf({ chainId, version, isNegRisk })
    if (!isRefused(exchange)) return exchange.contract
    throw new Refusal('account', exchange.refused, 'account.chain_id', '137 or 80002')
  }
  return [
    { name: 'allowance-v2', contract: contractOf('v1', false), what: 'ordinary markets' },
    {
      name: 'allowance-neg-risk',
      contract: contractOf('v1', true),
      what: 'markets of negative risk',
    },
    {
      name: 'allowance-adapter',
      contract: NEG_RISK_ADAPTER,
      what: 'markets of negative risk',
    },
    { name: 'allowance-v3', contract: contractOf('v2', false), what: 'markets of protocol v2' },
  ]
}
