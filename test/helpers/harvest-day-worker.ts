// A day of collectors in a thread of its own, where nobody watches every promise: that alone takes longer than the day.
import { parentPort, workerData } from 'node:worker_threads'
import { memoryGround } from './grounds.js'
import { harvestLives, type HarvestFate } from './harvest-lives.js'

const { seed, fate } = workerData as { seed: number; fate: HarvestFate }
const { rows, endUs, downUs } = await harvestLives(seed, memoryGround(), fate)
parentPort?.postMessage({ rows, endUs, downUs })
