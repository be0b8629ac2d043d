import type { Command } from '../command.js'

const COMMON: readonly (readonly [string, string])[] = [
  ['--config FILE', 'configuration (TOML); default ./polaris.toml where it exists'],
  ['--env-file FILE', 'variables; default ./.env with the arb- verbs, where it exists'],
  ['--set KEY=VALUE', 'one configuration key, repeatable: --set parity.min_edge_bps=50'],
  ['--runs-dir DIR', 'where runs are kept (default: runs)'],
  ['--json', 'facts as one JSON object on stdout'],
  ['--quiet', 'no remarks'],
  ['--help', 'this'],
]

/** What `polaris --help` prints. */
export function overview(commands: readonly Command[]): string {
  const rows = commands.map(({ name, summary }) => [name, summary] as const)
  return [
    'polaris: an event-sourced trading engine for prediction markets',
    '',
    ...table(rows),
    '',
    "'polaris VERB --help' tells more. Exit: 0 yes, 1 the answer is no, 2 could not do it.",
    '',
  ].join('\n')
}

/** What `polaris VERB --help` prints. */
export function helpOf({ usage, summary, example, help }: Command): string {
  return [
    summary,
    '',
    `  polaris ${usage}`,
    '',
    'Example:',
    `  polaris ${example}`,
    '',
    'Options:',
    ...table([...Object.entries(help), ...COMMON]),
    '',
  ].join('\n')
}

function table(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length))
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`)
}
