import { inspect } from 'node:util'
import fc from 'fast-check'
import type { Test } from 'tap'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { hexToBytes } from '@noble/hashes/utils.js'
import { addressOfPublicKey } from './address.js'
import { exchangeOf } from './exchange.js'
import { NOTHING, orderHashOf, type OrderFields } from './order.js'
import type { OrderSigner } from './order-signer.js'
import { isRefused } from './refused.js'
import { anyOrder } from './testing/any-order.js'
import { AUTH_VECTORS, OWNER, TEST_KEY, testAccount, testKey, VECTORS } from './testing/vectors.js'

/** What every signer must do. `open` takes the key. */
export function signerContract(t: Test, open: (key: Uint8Array) => OrderSigner): void {
  t.test('knows the address of its key', t => {
    t.equal(open(testKey()).address, OWNER)
    t.end()
  })

  t.test('signs as viem does', t => {
    const signer = open(testKey())
    for (const { exchange, account, fields, hash, signature } of VECTORS) {
      const signed = signer.signOrder(exchange, account, fields)
      t.equal(signed.hash, hash)
      t.equal(signed.hash, orderHashOf(exchange, account.chainId, fields))
      t.equal(signed.signature.slice(0, 2 + 2 * 65), signature)
      t.equal(signed.signature.length, 2 + 2 * (account.type === 3 ? 317 : 65))
    }
    for (const { chainId, timestampS, nonce, signature } of AUTH_VECTORS)
      t.equal(signer.signAuth(chainId, timestampS, nonce), signature)
    t.end()
  })

  t.test(
    'signs every order the same way twice, with the lower s, so that it proves the owner',
    t => {
      const signer = open(testKey())
      const check = ({ exchange, account, fields }: ReturnType<typeof anyOrder>): void => {
        const signed = signer.signOrder(exchange, account, fields)
        t.same(signer.signOrder(exchange, account, fields), signed)
        if (account.type === 3) return
        const bytes = hexToBytes(signed.signature.slice(2))
        const v = bytes[64]!
        t.ok(v === 27 || v === 28)
        const parsed = secp256k1.Signature.fromBytes(bytes.subarray(0, 64), 'compact')
        t.notOk(parsed.hasHighS())
        const key = parsed.addRecoveryBit(v - 27).recoverPublicKey(hexToBytes(signed.hash.slice(2)))
        t.equal(addressOfPublicKey(key.toBytes(false)), OWNER)
      }
      fc.assert(
        fc.property(fc.nat(), seed => check(anyOrder(seed))),
        { numRuns: 50 },
      )
      t.end()
    },
  )

  t.test('takes the key: the bytes that it was given are zero', t => {
    const key = testKey()
    open(key)
    t.same(key, new Uint8Array(32))
    t.end()
  })

  t.test('refuses what is no private key, and does not say it', t => {
    const order = 'fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141'
    for (const hex of [
      '00'.repeat(32),
      order,
      'ff'.repeat(32),
      '17'.repeat(31),
      '17'.repeat(33),
      '',
    ]) {
      const key = hexToBytes(hex)
      t.throws(() => open(key), { message: 'not a private key' }, hex)
      t.same(key, new Uint8Array(key.length))
    }
    t.end()
  })

  t.test('shows its key to nobody', t => {
    const signer = open(testKey())
    const texts = Object.values({ signer }).map(String)
    const shown = [
      ...texts,
      JSON.stringify(signer),
      inspect(signer, { depth: 9, showHidden: true }),
    ]
    const decimal = [...testKey()].slice(0, 4).join(', ')
    for (const text of shown) {
      t.notMatch(text.toLowerCase(), TEST_KEY.slice(0, 8))
      t.notOk(text.includes(decimal))
    }
    t.end()
  })

  t.test('signs nothing for another account, nor once it is closed', t => {
    const signer = open(testKey())
    const exchange = exchangeOf({ chainId: 137, version: 'v1', isNegRisk: false })
    if (isRefused(exchange)) throw new Error(exchange.refused)
    const account = testAccount(2)
    const { maker, signer: signedBy, type } = account
    const fields: OrderFields = {
      ...{ salt: 1, maker, signer: signedBy, tokenId: '1', makerAmount: 1, takerAmount: 1 },
      ...{ side: 0, type, timestampMs: 1, metadata: NOTHING, builder: NOTHING },
    }
    t.ok(signer.signOrder(exchange, account, fields))
    t.throws(() => signer.signOrder(exchange, { ...account, owner: maker }, fields), /another key/)
    for (const other of [{ maker: OWNER }, { signer: maker }, { type: 1 as const }])
      t.throws(
        () => signer.signOrder(exchange, account, { ...fields, ...other }),
        /another account/,
      )
    signer.close()
    t.throws(() => signer.signOrder(exchange, account, fields), /closed/)
    t.throws(() => signer.signAuth(137, 1, 0), /closed/)
    t.end()
  })

  t.test('refuses fields that no order can have', t => {
    const signer = open(testKey())
    const { exchange, account, fields } = VECTORS[0]!
    const wrong: readonly Partial<OrderFields>[] = [
      ...[{ salt: -1 }, { salt: 2 ** 53 }, { makerAmount: 0.5 }, { takerAmount: Number.NaN }],
      ...[{ timestampMs: -1 }, { tokenId: '' }, { tokenId: '0x1' }, { tokenId: '01' }],
      ...[
        { tokenId: (1n << 256n).toString() },
        { metadata: '0x' },
        { builder: `0x${'z'.repeat(64)}` },
      ],
    ]
    for (const one of wrong)
      t.throws(() => signer.signOrder(exchange, account, { ...fields, ...one }), /Invariant/)
    for (const [chain, timeS, nonce] of [
      [-1, 0, 0],
      [0, 0.5, 0],
      [0, 0, 2 ** 53],
    ] as const)
      t.throws(() => signer.signAuth(chain, timeS, nonce), /Invariant/)
    t.end()
  })
}
