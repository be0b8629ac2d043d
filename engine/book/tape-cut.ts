import { FOUND, TapeReader, type Tape } from './tape.js'

/** A place on the tapes of a run: before one of its inputs, or behind the last. */
export interface TapePlace {
  /** Index of the tape; as many as there are behind the last input. */
  readonly tape: number
  /** First word of the input on that tape. */
  readonly at: number
  /** Time of the input before it on that tape, µs; 0 for none. */
  readonly tapeUs: number
  /** Inputs before it, over all tapes. */
  readonly inputs: number
  /** Inputs before it on that tape. */
  readonly ofTape: number
  /** Time of the input that stands there, µs; Infinity behind the last. */
  readonly nextUs: number
}

/** The place behind so many inputs, for each of these numbers; they ascend. */
export const placesBehind = (tapes: readonly Tape[], inputs: readonly number[]): TapePlace[] =>
  placesOf(tapes, inputs, place => place.inputs)

/** The place before the first input at or after each of these times, µs; they ascend. */
export const placesFrom = (tapes: readonly Tape[], timesUs: readonly number[]): TapePlace[] =>
  placesOf(tapes, timesUs, place => place.nextUs)

/** The tapes as they were before the input at `place` came. The words are shared, not copied. */
export function tapesBefore(tapes: readonly Tape[], { tape, at, ofTape }: TapePlace): Tape[] {
  const cut = tapes[tape]
  const whole = tapes.slice(0, tape)
  if (!cut || ofTape === 0) return whole
  return [...whole, { words: cut.words.subarray(0, at), lines: cut.lines, inputs: ofTape }]
}

function placesOf(
  tapes: readonly Tape[],
  wanted: readonly number[],
  measure: (place: TapePlace) => number,
): TapePlace[] {
  const found: TapePlace[] = []
  const reader = new TapeReader()
  let inputs = 0
  for (const [tape, of] of tapes.entries()) {
    reader.over(of, 0, 0)
    for (let ofTape = 0; found.length < wanted.length; ofTape++) {
      const { at, tUs: tapeUs } = reader
      if (reader.next() === FOUND.end) break
      const place = { tape, at, tapeUs, inputs, ofTape, nextUs: reader.tUs }
      while (found.length < wanted.length && measure(place) >= wanted[found.length]!)
        found.push(place)
      inputs++
    }
  }
  const nextUs = Number.POSITIVE_INFINITY
  const end = { tape: tapes.length, at: 0, tapeUs: 0, inputs, ofTape: 0, nextUs }
  while (found.length < wanted.length) found.push(end)
  return found
}
