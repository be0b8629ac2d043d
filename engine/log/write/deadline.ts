/** One call that is due: in so many milliseconds, or for 0 once what is to be done now is done. Keeps no process alive. */
export class Deadline {
  #timer: NodeJS.Timeout | undefined
  #immediate: NodeJS.Immediate | undefined

  /** Whether a call is due. */
  get isSet(): boolean {
    return this.#timer !== undefined || this.#immediate !== undefined
  }

  /** Calls once in `ms`; never for Infinity. */
  set(ms: number, call: () => void): void {
    const due = (): void => {
      this.clear()
      call()
    }
    this.clear()
    if (ms === 0) this.#immediate = setImmediate(due).unref()
    else if (ms !== Infinity) this.#timer = setTimeout(due, ms).unref()
  }

  clear(): void {
    clearTimeout(this.#timer)
    clearImmediate(this.#immediate)
    this.#timer = this.#immediate = undefined
  }
}
