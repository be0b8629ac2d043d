import { NONE, type Strategy } from '../strategy.js'

/** A strategy that is shown the books of some markets only, by their number. */
export const onMarkets = (whole: Strategy, isShown: (market: number) => boolean): Strategy => ({
  ...whole,
  start: params => {
    const running = whole.start(params)
    const { books, ...others } = running.subscribes
    return {
      ...running,
      subscribes: {
        ...others,
        ...(books && { books: facts => (isShown(facts.market) ? books(facts) : undefined) }),
      },
      on: (event, context) =>
        event.tag === 'book' && !isShown(event.market.market) ? NONE : running.on(event, context),
    }
  },
})
