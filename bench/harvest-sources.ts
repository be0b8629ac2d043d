// The sources of collectors, in a thread of their own: what they cost is not what is measured.
import { parentPort, workerData } from 'node:worker_threads'
import { TwinSources } from '#twin/collected/sources.js'

const { markets, levels } = workerData as { readonly markets: number; readonly levels: number }
const twin = new TwinSources({ seed: 1, handles: ['elonmusk'], markets, levels })
parentPort?.postMessage(await twin.start())
