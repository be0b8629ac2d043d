/** Touch of a book at a moment: 1e-4 dollar; bid 0 and ask 10,000 where there is none. */
export interface Quote {
  readonly bid: number
  readonly ask: number
  readonly tick: number
}
