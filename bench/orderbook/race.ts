import { spawnSync } from 'node:child_process'
import { loadAddon } from '#engine/native/addon.js'
import { BOOK_SIM, hasBookSim, NO_BOOK_SIM } from '#compat/book-sim-program.js'
import { tsRace, type RaceFacts } from './ts-race.js'

/** Who can race. `daemon` and `subprocess` are one program here: a tape is no line of a conversation. */
export const RACERS = ['ts', 'native', 'daemon', 'subprocess'] as const
export type Racer = (typeof RACERS)[number]

const LONGEST_MS = 600_000

/** A race by one backend, from the text of its tape on; a sentence where it is not there or fails. */
export function raceBy(racer: Racer, text: string): RaceFacts | string {
  if (racer === 'ts') return tsRace(text)
  if (racer === 'native') {
    const addon = loadAddon()
    // The twin of `tsRace`, whose facts it has.
    return typeof addon === 'string' ? addon : (JSON.parse(addon.benchOrderbook(text)) as RaceFacts)
  }
  if (!hasBookSim()) return NO_BOOK_SIM
  const { status, stdout, stderr } = spawnSync(BOOK_SIM, ['bench-orderbook'], {
    input: text,
    encoding: 'utf8',
    timeout: LONGEST_MS,
  })
  if (status !== 0) return stderr.trim() || `the book-sim process ended with ${status}`
  return JSON.parse(stdout) as RaceFacts
}

/** Facts in which two races of one tape may not differ. */
export const SAME = [
  'total_updates',
  'skipped_updates',
  'spread_avg',
  'bid_depth_1pct_avg',
  'ask_depth_1pct_avg',
  'state_hash',
] as const satisfies readonly (keyof RaceFacts)[]

/** The first fact in which a race differs from another of the same tape, in words; undefined for none. */
export function difference(one: RaceFacts, other: RaceFacts): string | undefined {
  const fact = SAME.find(name => one[name] !== other[name])
  return fact && `${fact} is ${other[fact]}, not ${one[fact]}`
}
