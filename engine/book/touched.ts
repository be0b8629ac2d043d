import type { Book } from './book.js'
import type { Touched } from './fold.js'

/** Notes that a book is about to change, once in a batch. */
export function touch(touched: Touched, book: Book): void {
  if (book.mark === touched.mark) return
  book.mark = touched.mark
  book.before = book.distrust
  touched.tokens.push(book.token)
}

let marks = 0

/** Empty arrays for a caller of the fold. */
export const untouched = (): Touched => ({
  mark: ++marks,
  tokens: [],
  notices: [],
  fired: [],
  isWanted: false,
})

/** Empties them for the next batch. */
export function clearTouched(touched: Touched): void {
  touched.isWanted = false
  const { tokens, notices, fired } = touched
  touched.mark = ++marks
  while (tokens.length > 0) tokens.pop() // setting the length is slower for these few
  while (notices.length > 0) notices.pop()
  while (fired.length > 0) fired.pop()
}
