/**
 * What should have stood where a frame cannot be read, by its number: `Expected` in `native/wire/src/json.rs`. 0 is no
 * fault.
 */
export const EXPECTED = {
  more: 1,
  value: 2,
  key: 3,
  colon: 4,
  comma: 5,
  escape: 6,
  character: 7,
  digit: 8,
  depth: 9,
  message: 10,
  nothing: 11,
  once: 12,
  field: 13,
  text: 14,
  list: 15,
  decimal: 16,
  side: 17,
  millis: 18,
  tick: 19,
} as const

const WORDS = [
  'a frame',
  'more bytes',
  'a value of JSON',
  'a key in quotes',
  'a colon',
  'a comma, or the end of the object or array',
  'an escape that JSON knows',
  'a character of a string (control characters must be escaped)',
  'a digit',
  'at most 64 values in each other',
  'a message: an object, or an array of objects',
  'nothing more',
  'a key only once',
  'an object with all fields of its message',
  'a string',
  'an array of objects',
  'a decimal',
  'BUY or SELL',
  'milliseconds since the epoch',
  'a price step that divides 1',
] as const

/** What was expected, in words. */
export const expectedWords = (expected: number): string => WORDS[expected] ?? WORDS[0]
