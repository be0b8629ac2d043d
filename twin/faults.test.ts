import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import t from 'tap'
import { FAULT_KINDS, Faults, ORDER_FAULTS, faultFrom } from './faults.js'

const ROOT = resolve(import.meta.dirname, '..', '..')
const text = (file: string): string => readFileSync(resolve(ROOT, file), 'utf8')

t.test('a script says what, when and for how long', t => {
  t.same(faultFrom('stall@10s+5s'), { kind: 'stall', fromMs: 10_000, forMs: 5_000 })
  t.same(faultFrom('close@0.5s'), { kind: 'close', fromMs: 500, forMs: 1_000 })
  for (const wrong of ['stall', 'stall@10', 'stal@1s', 'stall@1s+', 'stall@-1s'])
    t.equal(faultFrom(wrong), `'${wrong}' is no fault`)
  t.end()
})

t.test('a fault is on from its first moment to its last, and known for a while after', t => {
  let now = 0
  const faults = new Faults([{ kind: 'order-425', fromMs: 100, forMs: 50 }], () => now)
  const at = (ms: number) => {
    now = ms
    return faults.isOn('order-425')
  }
  t.same([99, 100, 149, 150].map(at), [false, true, true, false])
  t.equal(faults.since('order-425', 10), 1)
  now = 160
  t.equal(faults.since('order-425', 10), undefined)
  t.equal(faults.isOn('order-429'), false)
  t.end()
})

t.test('every fault stands in docs/LIVE.md, and every one of orders has its test', t => {
  const [docs, tests] = [text('docs/LIVE.md'), text('twin/private/order-faults.test.ts')]
  t.same(
    FAULT_KINDS.filter(kind => !docs.includes(`\`${kind}\``)),
    [],
  )
  const rooms = ['private/account-faults', 'exchange/exchange', 'exchange/news']
  const others = rooms.map(room => `twin/${room}.test.ts`)
  const tried = [tests, ...others.map(text)].join()
  t.same(
    ORDER_FAULTS.filter(kind => !tried.includes(`'${kind}'`)),
    [],
  )
  t.end()
})
