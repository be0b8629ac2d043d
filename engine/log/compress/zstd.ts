import * as zlib from 'node:zlib'
import type { Compress } from './pack.js'

/** The part of `node:zlib` that came with Node 22.15. */
interface Native {
  readonly zstdCompressSync?: (bytes: Uint8Array, of: { params: Record<number, number> }) => Buffer
}
/** `ZSTD_c_compressionLevel`. Source: zstd.h, version 1.5. */
const LEVEL = 100

/**
 * Zstandard: what Node brings, else the same as WebAssembly, loaded on first use. The same bytes need not come out of
 * every version, since a log is what it unpacks to.
 */
export async function zstdAt(level: number, native: Native = zlib as Native): Promise<Compress> {
  const { zstdCompressSync } = native
  if (zstdCompressSync) return plain => zstdCompressSync(plain, { params: { [LEVEL]: level } })
  const { Zstd } = await import('@hpcc-js/wasm-zstd')
  const zstd = await Zstd.load()
  return plain => zstd.compress(plain, level)
}
