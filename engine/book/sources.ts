/** Which feed introduced which token, so that a lost feed darkens its own books only. Owned by a fold. */
export class Sources {
  /** Feed of each token; '' where it names none. */
  readonly #feeds = new Map<number, string>()

  /** A token is listed; the first listing holds. */
  list(token: number, feed = ''): void {
    if (!this.#feeds.has(token)) this.#feeds.set(token, feed)
  }

  /** Tokens that go dark with a feed, by number: its own, and those that name none. Undefined: all of them. */
  darkened(feed: string | undefined): number[] | undefined {
    if (feed === undefined || [...this.#feeds.values()].every(of => of === '')) return undefined
    const found = [...this.#feeds].filter(([, of]) => of === '' || of === feed)
    return found.map(([token]) => token).sort((a, b) => a - b)
  }

  /** Tokens that name a feed, for a checkpoint; undefined where there is none. */
  save(): readonly (readonly [token: number, feed: string])[] | undefined {
    const named = [...this.#feeds].filter(([, feed]) => feed !== '')
    return named.length === 0 ? undefined : named.sort(([a], [b]) => a - b)
  }

  load(tokens: readonly number[], named: ReturnType<Sources['save']> = []): void {
    for (const [token, feed] of named) this.list(token, feed)
    for (const token of tokens) this.list(token)
  }
}
