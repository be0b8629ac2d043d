import { join } from 'node:path'
import { mkdir } from 'node:fs/promises'
import type { Config } from '#schemas/config.js'
import type { WallClock } from '#engine/core/wall-clock.js'
import { lockFile } from '#engine/log/disk/lock.js'
import { PolymarketGateway } from '#engine/gateways/polymarket/gateway.js'
import { GATEWAY_RULES, type GatewayRules } from '#engine/gateways/polymarket/desk.js'
import { l1HeadersOf } from '#engine/gateways/polymarket/sign/auth.js'
import { accountOf, type Account } from '#engine/gateways/polymarket/sign/account.js'
import { credentialsIn, type Credentials } from '#engine/gateways/polymarket/sign/credentials.js'
import type { OrderSigner } from '#engine/gateways/polymarket/sign/order-signer.js'
import { isRefused } from '#engine/gateways/polymarket/sign/refused.js'
import { isObject, jsonOf, textIn } from '#engine/gateways/polymarket/wire/texts.js'
import { askVenue } from './ask-venue.js'
import { Refusal } from './command.js'
import { keysFrom } from './keys.js'
import { signerApi } from './backend.js'
import { stateDir } from './state-dir.js'

/** An account that may trade: who it is, who signs for it, and with which keys of the venue. */
export interface LiveAccount {
  readonly account: Account
  readonly signer: OrderSigner
  readonly credentials: Credentials
}

/** The account that the environment and the configuration name; its API keys are derived where the environment has none. */
export async function openAccount(
  { account: of }: Pick<Config, 'account'>,
  urls: Config['venue'],
  env: NodeJS.ProcessEnv = process.env,
): Promise<LiveAccount> {
  const api = signerApi()
  const { signer, credentials } = await keysFrom(env, api ? { api } : {})
  const account = accountOf({
    ...{ chainId: of.chain_id, type: of.signature_type, owner: signer.address },
    ...(of.funder !== '' && { funder: of.funder }),
  })
  if (isRefused(account))
    throw new Refusal('account', account.refused, '[account]', 'see docs/going-live.md')
  if (of.builder !== '' && !/^0x[0-9a-fA-F]{64}$/.test(of.builder))
    throw new Refusal(
      'account',
      `account.builder is '${of.builder}'`,
      '[account]',
      '0x and 64 hex digits',
    )
  return {
    account,
    signer,
    credentials: credentials ?? (await derived(signer, account, urls.clob)),
  }
}

/** The API credentials of nonce 0, made where the venue has none yet. */
async function derived(
  signer: OrderSigner,
  { chainId }: Account,
  clob: string,
): Promise<Credentials> {
  const words: string[] = []
  for (const [method, path] of [
    ['GET', '/auth/derive-api-key'],
    ['POST', '/auth/api-key'],
  ] as const) {
    const timestampS = Math.floor(Date.now() / 1_000)
    const headers = l1HeadersOf(signer, { chainId, timestampS, nonce: 0 })
    const { status, text } = await askVenue(clob, { method, path, headers })
    if (status >= 200 && status < 300) {
      const made = credentialsIn(signer.address, jsonOf(text), signerApi())
      if (!isRefused(made)) return made
      words.push(`${method} ${path}: ${made.refused}`)
    } else words.push(`${method} ${path}: status ${status}`)
  }
  throw new Refusal(
    'credentials',
    `the venue gives no API keys for ${signer.address}: ${words.join('; ')}`,
    clob,
    'a key whose account exists there',
  )
}

/** What must hold before the first order: the venue's clock, where we are, and what the account may do. */
export async function requireReady({ account: of }: Config, urls: Config['venue']): Promise<void> {
  const before = Date.now()
  const time = await askVenue(urls.clob, { method: 'GET', path: '/time' })
  const theirs = Number(time.text.trim()) * 1_000
  if (time.status !== 200 || !Number.isFinite(theirs) || theirs <= 0)
    throw new Refusal(
      'venue',
      `/time answers status ${time.status}`,
      urls.clob,
      'the venue’s clock',
    )
  const off = Math.max(theirs - Date.now(), before - (theirs + 1_000))
  if (off > of.skew_max_ms)
    throw new Refusal(
      'clock-skew',
      `our clock and the venue’s differ by ${off} ms`,
      urls.clob,
      `at most ${of.skew_max_ms} ms: see to this machine’s clock`,
    )
  if (urls.geoblock === '') return
  const block = await askVenue(urls.geoblock, { method: 'GET', path: '' })
  const value = jsonOf(block.text)
  if (block.status !== 200 || !isObject(value))
    throw new Refusal(
      'geoblock',
      `the venue does not say whether it may be traded from here (status ${block.status})`,
      urls.geoblock,
      'an answer',
    )
  if (value['blocked'] !== false)
    throw new Refusal(
      'geoblock',
      `the venue takes no orders from ${textIn(value, 'country') || 'here'}`,
      urls.geoblock,
      'a place that it takes orders from',
    )
}

/** Exactly one engine trades an account: the kernel holds the lock, and frees it however the process ends. */
export async function leaseOf(
  { maker, chainId }: Account,
  env: NodeJS.ProcessEnv = process.env,
): Promise<() => Promise<void>> {
  const dir = stateDir(env)
  await mkdir(dir, { recursive: true, mode: 0o700 })
  const path = join(dir, `account-${chainId}-${maker.toLowerCase()}.lock`)
  const release = await lockFile(path)
  if (release) return release
  throw new Refusal(
    'lease',
    `another process trades the account ${maker}`,
    path,
    'one engine for one account',
  )
}

/** The way to the venue for this account. */
export function gatewayOf(
  { account, signer, credentials }: LiveAccount,
  of: {
    config: Config
    urls: Config['venue']
    clock: WallClock
    run: string
    rules?: Partial<GatewayRules>
  },
): PolymarketGateway {
  const { config, urls, clock, run } = of
  const {
    builder,
    heartbeat_ms: heartbeatMs,
    limit_share_bps: share,
    skew_max_ms: skewMaxMs,
  } = config.account
  const part = (limit: number): number => Math.max(1, Math.floor((limit * share) / 10_000))
  const { standard } = LIMITS
  return new PolymarketGateway({
    ...{ clob: urls.clob, data: urls.data, channel: urls.user, clock, chance: Math.random },
    ...{ credentials, signing: { account, signer, run, ...(builder !== '' && { builder }) } },
    rules: {
      ...{ ...GATEWAY_RULES, heartbeatMs, skewMaxMs },
      ...{ ordersPerSecond: part(standard.orders), ordersBurst: part(standard.ordersBurst) },
      ...{ cancelsPerSecond: part(standard.cancels), cancelsBurst: part(standard.cancelsBurst) },
      ...of.rules,
    },
  })
}

/** Requests a second of one signer. Source: Polymarket rate limits, standard tier, 2026-09-30. */
const LIMITS = {
  standard: { orders: 40, ordersBurst: 60, cancels: 80, cancelsBurst: 120 },
} as const
