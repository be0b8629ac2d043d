import { chunksFile } from './chunks.js'
import { calibrationLogFile, calibrationSuggestFile } from './calibration.js'
import { healthFile } from './health.js'
import { snapshotsFile, ticksFile, tradesFile } from './market-data.js'
import { pnlFile, positionsFile } from './profit.js'
import { shadowLegsFile, shadowLogFile } from './shadow-log.js'
import { shadowVsRealFile } from './shadow-vs-real.js'
import { tradeLogFile } from './trade-log.js'
import type { FileView } from './view.js'

/** Every view that is written as a file, by name. */
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

/** The view of this name. */
export const viewNamed = (name: string): FileView | undefined =>
  VIEWS.find(view => view.name === name)
