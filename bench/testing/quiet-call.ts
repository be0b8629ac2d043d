import type { Call } from '#cli/command.js'

const nothing = (): void => undefined

/** A call without a terminal. */
export const quietCall: Call = {
  positionals: [],
  values: {},
  say: nothing,
  note: nothing,
  progress: nothing,
  stream: nothing,
  stop: new AbortController().signal,
}
