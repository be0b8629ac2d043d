import type { Stretch } from '#projections/reports/split.js'
import { rowsOf } from './runs.js'

/** The events of a run in a stretch of time. */
export interface Range {
  readonly firstSeq: number
  readonly lastSeq: number
  readonly firstUs: number
  readonly lastUs: number
}

/**
 * The first and the last event of a run in each stretch, undefined where there is none; nothing where it was stopped. No turn is cut: its decisions
 * have the time of their input.
 */
export async function rangesIn(
  dir: string,
  of: {
    readonly stretches: readonly Stretch[]
    readonly untilSeq: number
    readonly stop: AbortSignal
  },
): Promise<readonly (Range | undefined)[] | undefined> {
  const found: (Range | undefined)[] = of.stretches.map(() => undefined)
  for await (const rows of rowsOf(dir, { untilSeq: of.untilSeq })) {
    if (of.stop.aborted) return undefined
    for (const { seq, tUs } of rows)
      of.stretches.forEach(({ fromUs, toUs }, k) => {
        if (tUs < fromUs || tUs >= toUs) return
        const { firstSeq = seq, firstUs = tUs } = found[k] ?? {}
        found[k] = { firstSeq, lastSeq: seq, firstUs, lastUs: tUs }
      })
  }
  return found
}
