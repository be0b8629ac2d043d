import type { Wire } from '../../recorded/wire.js'

/** Books that REST gave, with the venue's time of each: what the channel says of a time before is in them already. */
export class RestFloors {
  readonly #floorUs = new Map<string, number>()

  get isEmpty(): boolean {
    return this.#floorUs.size === 0
  }

  /** REST gave the book of an asset as it was at this time of the venue, µs. */
  set(asset: string, bookUs: number): void {
    this.#floorUs.set(asset, bookUs)
  }

  /** Whether the book of REST holds what the channel says of an asset at this time, µs. Once it does not, the channel has caught up. */
  holds(asset: string, saidUs: number): boolean {
    const floorUs = this.#floorUs.get(asset)
    if (floorUs === undefined) return false
    if (saidUs < floorUs) return true
    this.#floorUs.delete(asset)
    return false
  }
}

/** A message with those of its rows, or all of it, whose asset is wanted; undefined where nothing is left. What names no asset stays. */
export function narrowed(wire: Wire, isWanted: (asset: string) => boolean): Wire | undefined {
  const { value } = wire
  const rows: unknown = value['price_changes']
  if (value['event_type'] !== 'price_change' || !Array.isArray(rows))
    return isKept(value, isWanted) ? wire : undefined
  const kept = rows.filter(row => isKept(row, isWanted))
  if (kept.length === rows.length) return wire
  return kept.length === 0 ? undefined : { ...wire, value: { ...value, price_changes: kept } }
}

/** The assets that a message names, as far as it names any. */
export function assetsIn({ value }: Wire): string[] {
  const rows: unknown = value['price_changes'] ?? value['changes']
  return [value, ...(Array.isArray(rows) ? (rows as readonly unknown[]) : [])].flatMap(
    row => assetOf(row) ?? [],
  )
}

function isKept(row: unknown, isWanted: (asset: string) => boolean): boolean {
  const asset = assetOf(row)
  return asset === undefined || isWanted(asset)
}

function assetOf(row: unknown): string | undefined {
  if (typeof row !== 'object' || row === null || !('asset_id' in row)) return undefined
  return typeof row.asset_id === 'string' ? row.asset_id : undefined
}
