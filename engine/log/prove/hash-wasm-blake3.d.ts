/** hash-wasm's bundle of BLAKE3 alone: a sixth of the whole, for threads that have to come up soon. */
declare module 'hash-wasm/dist/blake3.umd.min.js' {
  import type { blake3, createBLAKE3 } from 'hash-wasm'
  const bundle: {
    readonly blake3: typeof blake3
    readonly createBLAKE3: typeof createBLAKE3
  }
  export default bundle
}
