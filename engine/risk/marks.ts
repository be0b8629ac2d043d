/** Profit or loss of a signal, and when it ended. */
export interface Mark {
  readonly tUs: number
  /** 1e-6 dollar. */
  readonly pnl: number
}

/** Gone marks that are kept until they are cleared away together. */
const SLACK = 1_024

/** Signals of a sliding while. Sums are kept as marks come and go: nothing is added up anew. */
export class Marks {
  /** Their profits and losses together, 1e-6 dollar. */
  net = 0
  /** How many of them made money. */
  wins = 0
  readonly #marks: Mark[] = []
  #gone = 0

  constructor(marks: readonly Mark[] = []) {
    for (const mark of marks) this.#count(mark, 1)
    this.#marks.push(...marks)
  }

  get length(): number {
    return this.#marks.length - this.#gone
  }

  /** Adds one; those that ended at or before `sinceUs` go, and the oldest of more than `most`. */
  add(mark: Mark, sinceUs: number, most: number): void {
    this.#marks.push(mark)
    this.#count(mark, 1)
    while (this.length > most || (this.length > 0 && this.#marks[this.#gone]!.tUs <= sinceUs))
      this.#count(this.#marks[this.#gone++]!, -1)
    if (this.#gone < SLACK) return
    this.#marks.splice(0, this.#gone)
    this.#gone = 0
  }

  /** Those that are left, oldest first. */
  all(): Mark[] {
    return this.#marks.slice(this.#gone)
  }

  #count({ pnl }: Mark, by: 1 | -1): void {
    this.net += by * pnl
    this.wins += pnl > 0 ? by : 0
  }
}
