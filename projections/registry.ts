import { ARB_VIEWS } from './arb/registry.js'
import { chunksFile } from './chunks.js'
import { calibrationLogFile, calibrationSuggestFile } from './calibration.js'
import { healthFile } from './health.js'
import { snapshotsFile, ticksFile, tradesFile } from './market-data.js'
import { pnlFile, positionsFile } from './profit.js'
import { shadowLegsFile, shadowLogFile } from './shadow-log.js'
import { shadowVsRealFile } from './shadow-vs-real.js'
import { tradeLogFile } from './trade-log.js'
import type { FileView } from './view.js'

/** Every view that is written as a file of its own accord, by name. */
export const VIEWS: readonly FileView[] = [
  tradeLogFile,
  calibrationLogFile,
  calibrationSuggestFile,
  shadowLogFile(),
  shadowLegsFile(),
  shadowVsRealFile(),
  positionsFile,
  chunksFile,
  pnlFile,
  ticksFile,
  snapshotsFile,
  tradesFile,
  healthFile,
]

/** All that can be folded: those above, and the arb tables, which are folded where somebody asks for them. */
export const ALL_VIEWS: readonly FileView[] = [...VIEWS, ...ARB_VIEWS]

/** The view of this name. */
export const viewNamed = (name: string): FileView | undefined =>
  ALL_VIEWS.find(view => view.name === name)
