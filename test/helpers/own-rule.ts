import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { polarisWarm as polaris } from './cli.js'

/** The strategy that `new-strategy` writes, in a folder of a test, and the words of a command line that it trades with. */
export function ownRule(dir: string) {
  const runs = ['--runs-dir', join(dir, 'runs')]
  polaris('new-strategy', 'my-rule', '--dir', dir)
  const file = join(dir, 'my-rule.ts')
  const source = readFileSync(file, 'utf8')
  return {
    ...{ file, source, runs },
    MARKET: ['--source', 'sim:mixed/20000', '--seed', '9'],
    mine: (of = file): string[] => [
      ...['--set', `code.strategies=["${of}"]`, '--set', 'strategy.names=["my-rule"]'],
      ...['--set', 'strategy.safe_only=false', ...runs],
    ],
    /** A copy of the rule with some of its text replaced. */
    changed: (name: string, ...replaced: readonly (readonly [string, string])[]): string => {
      const to = join(dir, name)
      const text = replaced.reduce((all, [before, after]) => all.replaceAll(before, after), source)
      writeFileSync(to, text)
      return to
    },
  }
}
