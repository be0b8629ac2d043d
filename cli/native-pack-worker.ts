// The thread that indexes segments, and compresses them natively. See `Packer`.
import { servePacking, type CompressAt } from '#engine/log/compress/packing.js'
import { zstdAt } from '#engine/log/compress/zstd.js'
import { loadAddon } from '#engine/native/addon.js'

const found = loadAddon()
const packed: CompressAt = level =>
  typeof found === 'string' ? zstdAt(level) : plain => found.packFrame(plain, level)

servePacking(packed)
