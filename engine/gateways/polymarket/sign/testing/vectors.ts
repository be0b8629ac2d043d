import { accountOf, type Account, type SignatureType } from '../account.js'
import type { Exchange } from '../exchange.js'
import { NOTHING, type OrderFields } from '../order.js'
import { isRefused } from '../refused.js'

/** A key for tests: Keccak-256 of "polaris: a key for tests, never fund it". A new array each time, since a signer takes it. */
export const testKey = (): Uint8Array => Uint8Array.from(Buffer.from(TEST_KEY, 'hex'))

/** The same in hex. */
export const TEST_KEY = '1fc278bba4d230e3daf5508869af62de6682a8b5b5f3150dc6885067cc3cbfb9'

/** Address of the key. */
export const OWNER = '0x77D673ae993B299c3d41E087F307D8cC7114640d'

/** Some other address: the wallet of signature types 1 to 3. */
export const WALLET = '0xC95879FFf9250A359dAD1A8f0BC6239Ca7a81841'

/** The account of the key with a signature type. */
export function testAccount(type: SignatureType, chainId = 137): Account {
  const funder = type === 0 ? {} : { funder: WALLET }
  const account = accountOf({ chainId, type, owner: OWNER, ...funder })
  if (isRefused(account)) throw new Error(account.refused)
  return account
}

/** An order with its id and signature as viem 2.46.3 computes them from the typed data (2026-11-29). */
export interface Vector {
  readonly exchange: Exchange
  readonly account: Account
  readonly fields: OrderFields
  readonly hash: string
  /** Of a deposit wallet the owner's signature alone: the first 65 bytes. */
  readonly signature: string
}

const vector = (
  chainId: number,
  type: SignatureType,
  exchange: Exchange,
  of: Omit<OrderFields, 'maker' | 'signer' | 'type' | 'makerAmount' | 'timestampMs'>,
  [hash, signature]: readonly [hash: string, signature: string],
): Vector => {
  const account = testAccount(type, chainId)
  const { maker, signer } = account
  const rest = { makerAmount: 12_345_600, timestampMs: 1_796_000_000_123 }
  return { exchange, account, fields: { ...of, ...rest, maker, signer, type }, hash, signature }
}

/** All signature types, both order versions, both chains, the largest token ids. */
export const VECTORS: readonly Vector[] = [
  vector(
    137,
    0,
    { version: '2', contract: '0xE111180000d2663C0091e4f400237545B87B996B' },
    {
      salt: 4503599627370497,
      tokenId: '83652817236451237',
      takerAmount: 24690000,
      side: 0,
      metadata: NOTHING,
      builder: NOTHING,
    },
    [
      '0x5f3ad6192ac22453e743086b01677383826fabfdb2b1f1d0be8e28ddd161c72d',
      '0x2f4ce7f633a34a111f6480d33f70ae5f09c013147d6534141796ed2f23c11fc350a5f001c39ea71303e90b32fa7b30ac6171f773127415309cd4509c97b9dda51c',
    ],
  ),
  vector(
    137,
    1,
    { version: '2', contract: '0xe2222d279d744050d28e00520010520000310F59' },
    {
      salt: 4503599627370498,
      tokenId: '115792089237316195423570985008687907853269984665640564039457584007913129639934',
      takerAmount: 24690001,
      side: 1,
      metadata: NOTHING,
      builder: `0x${'c4'.repeat(32)}`,
    },
    [
      '0x92636eb6c5de38392176a6784f68e57828d63acd274f98f3de9274953d18cd1b',
      '0x35ef6d760e7b17761342318d39ad688cf2d11874780c3c845114a5ce429564521d1226bf6e8c858d0a9f2da4650fcaef70c75f95dd3080d2892ae1e3356d2d551b',
    ],
  ),
  vector(
    80002,
    2,
    { version: '2', contract: '0xe2222d279d744050d28e00520010520000310F59' },
    {
      salt: 4503599627370499,
      tokenId: '83652817236451237',
      takerAmount: 24690002,
      side: 0,
      metadata: `0x${'1f'.repeat(32)}`,
      builder: NOTHING,
    },
    [
      '0x64bf33a382fba1f9162df10f8b0cf6169516c307586de4ac11f97058048fed96',
      '0xf5e6a742775a4c583f289386dd7fb868dee06f0a386eeec93ec69591a54f20404fd3d69f6b599d60a1e663dacb67ef59fb886b145ec8b9c3a5ae7051addcab611c',
    ],
  ),
  vector(
    137,
    0,
    { version: '3', contract: '0xe3333700cA9d93003F00f0F71f8515005F6c00Aa' },
    {
      salt: 4503599627370500,
      tokenId: '115792089237316195423570985008687907853269984665640564039457584007913129639932',
      takerAmount: 24690003,
      side: 1,
      metadata: NOTHING,
      builder: NOTHING,
    },
    [
      '0x5960bd6d404ae08eca8bc8ec721fcc1b899d1c743cab14756397db8bec1855b0',
      '0xa3784afb7a87d4b2ab19cd0a5f9fa9e8e23b415e20b04fce1547ba3659934268772bb1d642d00befff110faba109d67b2ff1d875a9d5e17571befaac1486f0a31c',
    ],
  ),
  vector(
    80002,
    3,
    { version: '3', contract: '0x9fE6e61422AdB6F610d8597F9684b16912D50C3D' },
    {
      salt: 4503599627370501,
      tokenId: '83652817236451237',
      takerAmount: 24690004,
      side: 0,
      metadata: NOTHING,
      builder: NOTHING,
    },
    [
      '0x7044ba01cfb44409456a5818477eae1eed60a9ad100c6f59b1afb5f9971c9628',
      '0x26f2efbfb7e7a8cf51a351975369efdf4451644a94ec840762c620d65866129f6a9e933ca69718323b612926862474e287b43886e57709a7cbc8aeef8eb2d79d1c',
    ],
  ),
  vector(
    137,
    3,
    { version: '2', contract: '0xE111180000d2663C0091e4f400237545B87B996B' },
    {
      salt: 4503599627370502,
      tokenId: '115792089237316195423570985008687907853269984665640564039457584007913129639930',
      takerAmount: 24690005,
      side: 1,
      metadata: NOTHING,
      builder: NOTHING,
    },
    [
      '0xf4c4165ae1f9cb0963a2d1631263edfb1e2a8a752a17ddd00ecea59a14d8ef3f',
      '0x0f0bc6c44f2810cddb4ba6ff62117eb2a39c8a78cbde12c96bc303c0f56941d37a1b6993d5eb3609d2a434d0f3ec39d41c7afb327b6d9f9fe8343c641d343e771c',
    ],
  ),
]

/** Proofs of the key's possession (L1), computed the same way. */
export const AUTH_VECTORS = [
  {
    chainId: 137,
    timestampS: 1796000000,
    nonce: 0,
    signature:
      '0x93fea6e9376db12a8740e8ac2e524a7ee6338eb679c2b765a25df68fe5d02e9e72d02c0fdde2c4224a8571291f8ba459e76d21b1c938d1b3b94c654b1c77cb2c1c',
  },
  {
    chainId: 80002,
    timestampS: 1796000001,
    nonce: 7,
    signature:
      '0x14a50a4594a274d04211ba97fc6cd1545eb47586f58dcf0caf62390a54763c2b7039eff2be5a05cf6c8e62a97e5cdd9c7b912c9d93f8fa08368b7124aa08a8c11b',
  },
]

/** An API secret for tests, base64url. */
export const TEST_SECRET = 'o-dZsa6TVoLlRcLsCDPMzdDlaJCGu8xA9yEAabRtU-0='

/** Codes of authentication, as OpenSSL computes them. */
export const MAC_VECTORS = [
  { text: '1796000000POST/order{"a":"é"}', mac: 'iSDnaCcm9T0AL0_tttc6JOdE-KNDJ61B9N1_mnPKKRA=' },
  { text: '1796000000GET/data/orders', mac: 'Fbkncs3aHXig-cFmKm1-OFN3bXifNEWEMbl_SSyJJZI=' },
  { text: '1796000000DELETE/cancel-all', mac: 'shUkxud1jHVf83U74hxWfXdtnf57rwhJRJ8n3szevuA=' },
]
