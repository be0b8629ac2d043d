/**
 * Work that is under way at most once for a key: who asks for it meanwhile gets no second one. An engine that has no answer asks again and
 * again; a venue that is slow must not be asked the faster for it.
 */
export class SingleFlight {
  readonly #running = new Set<string>()

  /** Begins the work, unless it is under way. Whether it did. */
  begin(key: string, work: () => Promise<void>): boolean {
    if (this.#running.has(key)) return false
    this.#running.add(key)
    void work().finally(() => {
      this.#running.delete(key)
    })
    return true
  }
}

/**
 * Shares one answer among all who ask before the question leaves: they get what was asked after they asked. `ask` gets the least of what was
 * wanted.
 */
export class Shared<T> {
  readonly #ask: (from: number) => Promise<T>
  #running: Promise<T> | undefined
  #next: { from: number; answer: Promise<T> } | undefined

  constructor(ask: (from: number) => Promise<T>) {
    this.#ask = ask
  }

  async get(from: number): Promise<T> {
    if (this.#next) {
      this.#next.from = Math.min(this.#next.from, from)
      return await this.#next.answer
    }
    const next = { from, answer: Promise.resolve() as unknown as Promise<T> }
    next.answer = this.#after(next)
    this.#next = next
    return await next.answer
  }

  async #after(next: { readonly from: number }): Promise<T> {
    await this.#running?.catch(() => undefined)
    this.#next = undefined
    const answer = this.#ask(next.from)
    this.#running = answer
    try {
      return await answer
    } finally {
      if (this.#running === answer) this.#running = undefined
    }
  }
}
