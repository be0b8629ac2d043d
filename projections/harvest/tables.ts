import { DESCRIBED_TABLES } from './described-tables.js'
import { SAMPLED_TABLES } from './sampled-tables.js'
import type { HarvestTable } from './columns.js'

/** What a table is, for readers of the list. */
export type { CellType, HarvestColumn, HarvestTable } from './columns.js'

/** Every table, in the order of docs/harvest-tables.md. */
export const HARVEST_TABLES = [...DESCRIBED_TABLES, ...SAMPLED_TABLES] as const

/** Name of a table. */
export type HarvestTableName = (typeof HARVEST_TABLES)[number]['name']

/** A table by its name; undefined where there is none. */
export const harvestTable = (name: string): HarvestTable | undefined =>
  HARVEST_TABLES.find(one => one.name === name)
