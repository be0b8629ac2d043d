/** Nothing goes by this name in the run: what was asked for, and what would have been found. */
export class NotFound extends Error {
  readonly expected: string
  constructor(message: string, expected: string) {
    super(message)
    this.expected = expected
  }
}
