/** Values inside each other in one line, at most. */
export const DEPTH_MAX = 64

/**
 * Whether a parsed JSON value is one that every backend of the book-sim reads alike: not nested deeper than `DEPTH_MAX`,
 * and without the key `__proto__`, which JavaScript takes for something else as soon as an object is copied.
 */
export function isPlain(value: unknown, depth = 1): boolean {
  if (depth > DEPTH_MAX) return false
  if (typeof value !== 'object' || value === null) return true
  return Object.entries(value).every(
    ([key, item]) => key !== '__proto__' && isPlain(item, depth + 1),
  )
}
