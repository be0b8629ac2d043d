/** The registry version from which on orders at a venue are signed, and positions compared before they are traded. */
const SIGNED_SINCE = 5

/** The registry version from which on a sale is not refused for what is about new risk. */
const LETS_OUT_SINCE = 6

/** The registry version from which on orders may rest, purses are kept apart and ids count market inputs alone. */
const LIVE_SINCE = 3

/** How logs of a version of the registry were decided, and are still. */
export function rulesOfSchema(schema: number): {
  readonly isStrict: boolean
  readonly isSigned: boolean
  readonly letsOut: boolean
} {
  return {
    isStrict: schema < LIVE_SINCE,
    isSigned: schema >= SIGNED_SINCE,
    letsOut: schema >= LETS_OUT_SINCE,
  }
}
