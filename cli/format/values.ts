import type { DuckDBValue } from '@duckdb/node-api'

/**
 * A value of a query as JSON holds it: whole numbers and decimals as numbers while a number holds them exactly, as text
 * beyond; lists, structures and maps likewise; all else (times, hashes) as text.
 */
export function jsonOf(value: DuckDBValue): unknown {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  if (typeof value === 'bigint') return isSafe(value) ? Number(value) : String(value)
  if (typeof value !== 'object') return String(value)
  if ('scale' in value && 'value' in value) return decimalOf(value.toString())
  if ('items' in value) return value.items.map(jsonOf)
  if ('entries' in value) {
    const { entries } = value
    const pairs: readonly (readonly [string, DuckDBValue])[] = Array.isArray(entries)
      ? entries.map(({ key, value: of }) => [cellOf(key), of])
      : Object.entries(entries)
    return Object.fromEntries(pairs.map(([key, of]) => [key, jsonOf(of)]))
  }
  return value.toString()
}

/** A value of a query as text in a table; empty for none. */
export function cellOf(value: DuckDBValue): string {
  if (value === null) return ''
  if (typeof value === 'object' && ('items' in value || 'entries' in value))
    return JSON.stringify(jsonOf(value))
  return String(value)
}

/** Digits that every number of this machine holds exactly. */
const DIGITS = 15

function decimalOf(text: string): number | string {
  const digits = text.replace(/[^0-9]/g, '').replace(/^0+/, '')
  return digits.length <= DIGITS ? Number(text) : text
}

const isSafe = (n: bigint): boolean =>
  n <= BigInt(Number.MAX_SAFE_INTEGER) && n >= BigInt(Number.MIN_SAFE_INTEGER)
