import { failure, putOff, UNANSWERED, type Answer } from '../answer.js'
import type { Faults } from '../faults.js'

/** How long a venue that puts off wants to hear nothing, s. */
const PUT_OFF_S = 3
/** Keys that are called otherwise while the form of answers drifts. */
const DRIFTS: readonly (readonly [was: string, is: string])[] = [
  ['"data":', '"items":'],
  ['"clobTokenIds":', '"clob_token_ids":'],
  ['"bids":', '"buys":'],
]

/** What goes wrong with an answer while a fault of its kind goes on. */
export function spoiled(answer: Answer, faults: Faults): Answer {
  if (faults.isOn('rest-500')) return failure(500, 'Internal server error')
  if (faults.isOn('rest-429')) return putOff(429, 'too many requests', PUT_OFF_S)
  return garbled(answer, faults)
}

/** The same, for who says by itself when it fails or puts off. */
export function garbled(answer: Answer, faults: Faults): Answer {
  if (faults.isOn('rest-hang')) return UNANSWERED
  if (faults.isOn('rest-reset')) return { ...UNANSWERED, never: 'reset' }
  if (answer.status !== 200) return answer
  if (faults.isOn('truncated-json'))
    return { ...answer, body: answer.body.slice(0, Math.floor(answer.body.length * 0.6)) }
  if (faults.isOn('schema-drift'))
    return {
      ...answer,
      body: DRIFTS.reduce((body, [was, is]) => body.replaceAll(was, is), answer.body),
    }
  return answer
}
