import type { AnswerEvent, Gateway, Request } from './gateway.js'

/**
 * The way to an exchange outside of this process. Requests leave only after their decision is durable, once each, in the order
 * of the log; answers come when they come, any number for a request, and are recorded as inputs.
 */
export interface VenueGateway {
  /** Sends a request. Never throws: what goes wrong is an answer (a refusal, or an outcome that nobody knows). */
  readonly send: (request: Request) => void
  /**
   * Where answers go from here on, each with the sequence number of the decision that it answers. Answers that came before
   * somebody listened are kept, and told first.
   */
  readonly listen: (hear: (cause: number, event: AnswerEvent) => void) => void
}

/** A venue as the engine's loop sees it: nothing of it is ever due, since what it answers is received. */
export const asGateway = ({ send }: VenueGateway): Gateway => ({
  leavesProcess: true,
  dueUs: Number.POSITIVE_INFINITY,
  send: request => {
    send(request)
  },
  take: () => undefined,
  observe: () => undefined,
  save: () => undefined,
  load: () => undefined,
})
