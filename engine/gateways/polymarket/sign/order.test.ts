import t from 'tap'
import { accountOf } from './account.js'
import { exchangeOf } from './exchange.js'
import { isTokenId, NOTHING, orderHashOf, saltOf } from './order.js'
import { bodyOf, type Submission } from './order-body.js'
import { isRefused } from './refused.js'
import { OWNER, VECTORS, WALLET } from './testing/vectors.js'

const refusal = (answer: object): string => (isRefused(answer) ? answer.refused : 'not refused')

t.test('an account', async t => {
  const of = { chainId: 137, owner: OWNER, funder: WALLET }
  t.test('is its key alone, or a wallet of the key', async t => {
    const common = { chainId: 137, owner: OWNER }
    const alone = { ...common, type: 0, maker: OWNER, signer: OWNER }
    t.same(accountOf({ ...common, type: 0 }), alone)
    t.same(accountOf({ ...common, type: 0, funder: OWNER }), alone)
    for (const type of [1, 2])
      t.same(accountOf({ ...of, type }), { ...common, type, maker: WALLET, signer: OWNER })
    t.same(accountOf({ ...of, type: 3 }), { ...common, type: 3, maker: WALLET, signer: WALLET })
  })
  t.test('is said with checksums, however it was written', async t => {
    const upper = `0x${OWNER.slice(2).toUpperCase()}`
    const account = accountOf({ ...of, type: 1, owner: upper, funder: WALLET.toLowerCase() })
    t.match(account, { owner: OWNER, maker: WALLET })
  })
  t.test('is refused where it does not fit', async t => {
    const flipped = `${OWNER.slice(0, -1)}${OWNER.endsWith('d') ? 'D' : 'd'}`
    t.match(refusal(accountOf({ ...of, type: 0 })), /funds its orders/)
    t.match(
      refusal(accountOf({ ...of, type: 1, funder: OWNER })),
      /needs the address of the wallet/,
    )
    t.match(refusal(accountOf({ chainId: 137, owner: OWNER, type: 3 })), /needs the address/)
    t.match(refusal(accountOf({ ...of, type: 4 })), /signature type 4 is unknown/)
    t.match(refusal(accountOf({ ...of, type: 0.5 })), /unknown/)
    t.match(refusal(accountOf({ ...of, chainId: 1, type: 1 })), /chain 1 is none/)
    t.match(
      refusal(accountOf({ ...of, type: 1, funder: '0x12' })),
      /funder '0x12' is not an address/,
    )
    t.match(refusal(accountOf({ ...of, type: 1, owner: `${OWNER}0` })), /not an address/)
    t.match(refusal(accountOf({ ...of, type: 1, owner: flipped })), /not an address.*checksum/)
  })
})

t.test('an exchange is known by chain, protocol version and negative risk', async t => {
  const of = (chainId: number, version: string, isNegRisk: boolean) =>
    exchangeOf({ chainId, version, isNegRisk })
  const v2 = { version: '2', contract: '0xE111180000d2663C0091e4f400237545B87B996B' }
  const negRisk = { version: '2', contract: '0xe2222d279d744050d28e00520010520000310F59' }
  for (const chain of [137, 80002]) {
    t.same(of(chain, 'v1', false), v2)
    t.same(of(chain, 'v1', true), negRisk)
    t.same(of(chain, 'v2', true), of(chain, 'v2', false))
  }
  t.match(of(137, 'v2', false), { version: '3', contract: /^0xe33337/ })
  t.match(of(80002, 'v2', false), { version: '3', contract: /^0x9fE6e6/ })
  for (const version of ['', 'v3', 'V1', '1', '2', 'constructor'])
    t.match(refusal(of(137, version, false)), /protocol version .* is unknown/)
  t.match(refusal(of(1, 'v1', false)), /no exchange is known on chain 1/)
})

t.test('a salt belongs to the decision', async t => {
  t.equal(saltOf('20261129-demo', 'o-17'), saltOf('20261129-demo', 'o-17'))
  const salts = new Set<number>()
  for (let n = 0; n < 2_000; n++) {
    const salt = saltOf('run', `o-${n}`)
    if (!Number.isSafeInteger(salt) || salt < 0) t.fail(`${salt} is no whole number below 2^53`)
    salts.add(salt)
  }
  t.equal(salts.size, 2_000)
  t.ok(Math.max(...salts) > 2 ** 52, 'all 53 bits are used')
  t.not(saltOf('run1', '2'), saltOf('run', '12'), 'run and order are told apart')
  // printf '3:runo-1' | openssl dgst -sha256 -hmac 'polaris order salt 1': the first 53 bits.
  t.equal(saltOf('run', 'o-1'), SALT)
})
const SALT = 4_872_551_126_689_671

t.test('a token id is a decimal below 2^256', async t => {
  const largest = (1n << 256n) - 1n
  for (const id of ['0', '1', '1234', largest.toString()]) t.ok(isTokenId(id), id)
  const others = [
    '',
    '01',
    '-1',
    '1.0',
    '1e3',
    ' 1',
    '0x1',
    'yes',
    (largest + 1n).toString(),
    '9'.repeat(500),
  ]
  for (const id of others) t.notOk(isTokenId(id), id)
})

t.test('the body', async t => {
  const { fields, signature } = VECTORS[2]!
  const order: Submission = {
    ...{ fields, signature, owner: '0c3f3c2e-0000-4000-8000-00000000abcd', orderType: 'GTD' },
    ...{ isPostOnly: true, isDeferred: false, expirationS: 1_796_003_600 },
  }
  t.test('is written member by member as the venue’s client does', async t => {
    const text =
      `{"deferExec":false,"postOnly":true,"order":{"salt":4503599627370499,"maker":"${WALLET}","signer":"${OWNER}",` +
      `"tokenId":"83652817236451237","makerAmount":"12345600","takerAmount":"24690002","side":"BUY","signatureType":2,` +
      `"timestamp":"1796000000123","expiration":"1796003600","metadata":"0x${'1f'.repeat(32)}","builder":"${NOTHING}",` +
      `"signature":"${signature}"},"owner":"0c3f3c2e-0000-4000-8000-00000000abcd","orderType":"GTD"}`
    t.equal(bodyOf(order), text)
    t.equal(JSON.stringify(JSON.parse(text)), text, 'and nothing is lost when it is read')
  })
  t.test('does not take what cannot go together', async t => {
    t.throws(() => bodyOf({ ...order, orderType: 'FAK', expirationS: 0 }), /post-only/)
    t.throws(() => bodyOf({ ...order, orderType: 'GTC' }), /does not end/)
    t.throws(() => bodyOf({ ...order, expirationS: 0 }), /does not end/)
    t.ok(bodyOf({ ...order, orderType: 'GTC', expirationS: 0 }))
  })
  t.test('cannot be broken out of by the name of a key', async t => {
    const body: unknown = JSON.parse(bodyOf({ ...order, owner: '","x":"' }))
    t.match(body, { owner: '","x":"', orderType: 'GTD' })
  })
})

t.test('the id of an order depends on every field, exchange and chain', async t => {
  const { exchange, fields } = VECTORS[0]!
  const other = [
    ...[{ salt: 1 }, { maker: WALLET }, { signer: WALLET }, { tokenId: '5' }, { makerAmount: 5 }],
    ...[{ takerAmount: 5 }, { side: 1 as const }, { type: 1 as const }, { timestampMs: 5 }],
    ...[{ metadata: `0x${'01'.repeat(32)}` }, { builder: `0x${'01'.repeat(32)}` }],
  ].map(one => orderHashOf(exchange, 137, { ...fields, ...one }))
  const ids = [
    ...[orderHashOf(exchange, 137, fields), orderHashOf(exchange, 80002, fields), ...other],
    orderHashOf({ ...exchange, version: '3' }, 137, fields),
    orderHashOf({ ...exchange, contract: WALLET }, 137, fields),
  ]
  t.equal(new Set(ids).size, ids.length)
})
