import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { levelChanges } from './level-changes.js'
import type { Timing } from './stopwatch.js'

const FOLDER = join(resolve(import.meta.dirname, '..', '..'), 'bench', 'rust-books')
const PROGRAM = join(FOLDER, 'target', 'release', 'polaris-book-bench')

/** How it is built: the crates that it races take some minutes to compile. */
export const RUST_BOOKS = 'cargo build --release --manifest-path bench/rust-books/Cargo.toml'

/** Whether the race of Rust books is built. */
export const hasRustBooks = (): boolean => existsSync(PROGRAM)

/** The same changes as `laddersAlone`, in Rust: our ladder and fold beside the books of other crates, which must agree. */
export function rustBooks(changes: number, samples: number): Timing[] {
  const folder = mkdtempSync(join(tmpdir(), 'polaris-rust-books-'))
  try {
    return [1, 1_000].flatMap(books => raced(folder, { books, changes, samples }))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function raced(
  folder: string,
  { books, changes, samples }: { books: number; changes: number; samples: number },
): Timing[] {
  const { opening, live } = levelChanges({ books, tick: 100, changes, seed: 11, isStated: false })
  const files = Object.entries({ opening, live }).map(([name, numbers]) => {
    const file = join(folder, name)
    writeFileSync(file, new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength))
    return file
  })
  const done = spawnSync(PROGRAM, [...files, `${books}`, `${samples}`], { encoding: 'utf8' })
  if (done.status !== 0) throw new Error(`the race of Rust books failed: ${done.stderr}`)
  const rows = done.stdout
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as Pick<Timing, 'name' | 'medianNs' | 'p99Ns'>) // made by our program
  const first = rows[0]?.medianNs ?? 1
  const group = `Rust, ${books} book${books > 1 ? 's' : ''}, tick 0.01, best told`
  return rows.map(row => {
    return { ...row, group, opsPerS: 1e9 / row.medianNs, ratio: row.medianNs / first }
  })
}
