import { join } from 'node:path'
import t from 'tap'
import { polarisWarm as polaris } from './helpers/cli.js'

const dir = t.testdir()

interface Part {
  readonly orders: number
  readonly fills: number
  readonly pnlMicro: { readonly realised: number; readonly open: number; readonly fees: number }
}

/** Signals, single orders and quotes: whoever sent an order, its strategy and its market have it. */
for (const [source, strategies] of [
  ['sim:closing', ['bond', 'tail']],
  ['sim:quoting/6000', ['quoting']],
] as const)
  t.test(`${source}: strategies and markets add up to the run`, async t => {
    const run = join(dir, source.replaceAll(/\W/g, '-'))
    t.equal(polaris('run', '--source', source, '--out', run).code, 0)
    const { json } = polaris('summary', run, '--json')
    const said = json as unknown as Part & {
      readonly byStrategy: Readonly<Record<string, Part>>
      readonly byMarket: Readonly<Record<string, Part>>
      readonly setsMicro: number
    }
    t.same(Object.keys(said.byStrategy).sort(), strategies)
    t.equal(said.setsMicro, 0, 'one outcome alone is no set')
    for (const parts of [said.byStrategy, said.byMarket]) {
      const all = Object.values(parts)
      const sum = (of: (part: Part) => number): number =>
        all.reduce((total, part) => total + of(part), 0)
      t.equal(
        sum(({ orders }) => orders),
        said.orders,
      )
      t.equal(
        sum(({ fills }) => fills),
        said.fills,
      )
      t.equal(
        sum(({ pnlMicro }) => pnlMicro.fees),
        said.pnlMicro.fees,
      )
      t.equal(
        sum(({ pnlMicro }) => pnlMicro.realised),
        said.pnlMicro.realised,
      )
    }
  })
