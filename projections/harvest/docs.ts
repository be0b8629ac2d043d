import { HARVEST_TABLES, type HarvestTable } from './tables.js'

const HELD = {
  text: 'text',
  integer: 'whole number',
  real: 'decimal',
  flag: '0 or 1',
  time: 'time',
} as const

/** `docs/harvest-tables.md` between its markers: every table with its key, its columns and what they hold. */
export function harvestMarkdown(): string {
  return (HARVEST_TABLES as readonly HarvestTable[]).map(describe).join('\n')
}

function describe({ name, doc, key, time, isRaw, columns }: HarvestTable): string {
  const ages = isRaw === true ? ' Raw: goes by whole days after `harvest.retention_days`.' : ''
  const of = time === undefined ? 'of no time' : `of the time in \`${time}\``
  const rows = columns.map(([column, type, says]) => `| \`${column}\` | ${HELD[type]} | ${says} |`)
  return [
    ...[
      `### \`${name}\``,
      '',
      `${doc} Key: ${key.map(one => `\`${one}\``).join(', ')}; ${of}.${ages}`,
      '',
    ],
    ...['| column | holds | meaning |', '| --- | --- | --- |', ...rows, ''],
  ].join('\n')
}
