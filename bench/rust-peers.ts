import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { MarketFrames } from './market-frames.js'

/** Its own Cargo workspace: what it races against is no part of the addon. */
const FOLDER = resolve(import.meta.dirname, '..', '..', 'bench', 'rust')
const PROGRAM = join(FOLDER, 'target', 'release', 'polaris-decode-bench')

/** What the race in Rust found. */
export interface RustRows {
  /** Digest of all books after the frames, the same for every contender. */
  readonly state: string
  /** What reading the clock costs; taken off every frame. */
  readonly clock: number
  readonly rows: readonly Readonly<{ name: string; p50: number; p99: number; mean: number }>[]
}

/** The same frames through Rust's JSON crates and our reader, in a process of their own; or why not, in words. */
export function rustPeers(
  { assets, opening, live }: MarketFrames,
  samples: number,
): RustRows | string {
  const build = spawnSync('cargo', ['build', '--release', '--locked', '--quiet'], {
    cwd: FOLDER,
    encoding: 'utf8',
  })
  if (build.error) return 'not run: there is no cargo on the PATH'
  if (build.status !== 0)
    return `not run: bench/rust does not build: ${build.stderr.split('\n')[0]}`
  const dir = mkdtempSync(join(tmpdir(), 'polaris-decode-'))
  try {
    const file = join(dir, 'frames.jsonl')
    const lines = [assets.join(' '), String(opening.length), ...opening, ...live]
    writeFileSync(file, `${lines.map(String).join('\n')}\n`)
    const done = spawnSync(PROGRAM, [file, String(samples)], { encoding: 'utf8' })
    if (done.status !== 0) return `not run: ${done.stderr}`
    return JSON.parse(done.stdout) as RustRows
  } finally {
    rmSync(dir, { recursive: true })
  }
}
