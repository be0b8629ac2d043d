import { inspect } from 'node:util'

const HIDDEN = '[secret]'

/** A text that nothing prints: not as text, not in JSON, not in an inspection or an error. Only `reveal` says it. */
export class Secret {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  /** The text itself. For what is sent to the venue over TLS, and nothing else. */
  reveal(): string {
    return this.#text
  }

  toString(): string {
    return HIDDEN
  }

  toJSON(): string {
    return HIDDEN
  }

  [inspect.custom](): string {
    return HIDDEN
  }
}
