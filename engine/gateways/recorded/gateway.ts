import type { Gateway } from '../gateway.js'

/**
 * The gateway of a run whose orders were answered outside of the process, when it is replayed: what was answered stands in the
 * log as inputs and is given back by whoever reads it; requests go nowhere.
 */
export class RecordedGateway implements Gateway {
  readonly leavesProcess = false
  readonly dueUs = Number.POSITIVE_INFINITY
  readonly send = (): void => undefined
  readonly take = (): undefined => undefined
  readonly observe = (): void => undefined
  readonly save = (): unknown => undefined
  readonly load = (): void => undefined
}
