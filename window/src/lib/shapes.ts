// The words of the API, from the one place where they are described.
export type { Problem } from '../../../api/shapes/common.js'
export type { Intent } from '../../../api/shapes/execution.js'
export type { Book, Heatmap, Market, MarketPage } from '../../../api/shapes/market.js'
export type { Moment, Run, Status, Step, Timeline } from '../../../api/shapes/run.js'
export type { Calibration, Kpi, Order, Signal, Why } from '../../../api/shapes/trading.js'
