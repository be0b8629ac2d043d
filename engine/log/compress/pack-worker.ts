// The thread that indexes and compresses segments in TypeScript. See `Packer`.
import { servePacking } from './packing.js'
import { zstdAt } from './zstd.js'

servePacking(zstdAt)
