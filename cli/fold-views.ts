import { resolve } from 'node:path'
import { ViewFiles, type RowSink, type ViewResult } from '#projections/sinks/files.js'
import type { RunStore } from '#engine/log/store/run-store.js'
import type { FileView } from '#projections/view.js'
import { FOLDERS, rowsOf, runIdOf } from './runs.js'

/** Which views to fold from a run, where to, and who else takes their rows. */
export interface FoldOptions {
  /** Folder of the files. */
  readonly target: string
  readonly views: readonly FileView[]
  readonly writes: boolean
  readonly also?: RowSink
  readonly untilSeq?: number
  /** Where the run lives: in a folder, where nothing is said. */
  readonly store?: RunStore
  readonly stop?: AbortSignal
}

/** Folds views of a run in one pass over its log; nothing where the operator stopped it on the way. */
export async function foldViews(
  dir: string,
  { target, untilSeq = Infinity, stop, store = FOLDERS, ...of }: FoldOptions,
): Promise<ViewResult[] | undefined> {
  const files = await ViewFiles.open(target, { ...of, runId: runIdOf(resolve(dir)) })
  try {
    for await (const rows of rowsOf(dir, { untilSeq, store })) {
      if (stop?.aborted) {
        await files.abandon()
        return undefined
      }
      await files.take(rows)
    }
  } catch (error) {
    await files.abandon()
    throw error
  }
  return files.end()
}
