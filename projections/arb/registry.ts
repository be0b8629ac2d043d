import type { FileView } from '../view.js'
import { arbCashLedgerFile } from './cash-ledger.js'
import { arbFillFile } from './fill.js'
import { arbOrderEventFile } from './order-event.js'
import { arbOrderIntentFile } from './order-intent.js'
import { arbParamSnapshotFile } from './param-snapshot.js'
import { arbPortfolioSnapshotFile } from './portfolio-snapshot.js'
import { arbPositionLotFile } from './position-lot.js'
import { arbReplayMetricFile, arbReplayRunFile } from './replay.js'
import { arbRiskEventFile } from './risk-event.js'
import { arbScanDiagFile } from './scan-diag.js'
import { arbSignalFile } from './signal.js'
import { arbTradeResultFile } from './trade-result.js'

/** The tables of the earlier system, children before what they name. */
export const ARB_VIEWS: readonly FileView[] = [
  arbOrderEventFile,
  arbFillFile,
  arbPositionLotFile,
  arbCashLedgerFile,
  arbTradeResultFile,
  arbRiskEventFile,
  arbOrderIntentFile,
  arbSignalFile,
  arbScanDiagFile,
  arbPortfolioSnapshotFile,
  arbReplayMetricFile,
  arbReplayRunFile,
  arbParamSnapshotFile,
]
