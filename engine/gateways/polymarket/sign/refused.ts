/** What cannot be signed, and why: what was given, and what was expected. Never names a key. */
export interface Refused {
  readonly refused: string
}

/** Whether an answer is a refusal. */
export const isRefused = (answer: object): answer is Refused => 'refused' in answer
