// The kit for tests of a strategy in a file of its own, as `polaris/testing`.
import { Story } from '#engine/run/testing/story.js'
import type { Strategy } from '#engine/strategies/strategy.js'
import { withOwn } from './own.js'

export { cents, micro, Story } from '#engine/run/testing/story.js'

/**
 * A run of one strategy alone, told step by step, whatever its profit depends on: `market`, `book`, `change` and `resolve` say what
 * happens, `all` gives what the engine made of it. `params`: those that are other than their defaults.
 */
export const storyOf = (
  strategy: Strategy,
  params: Readonly<Record<string, unknown>> = {},
): Story => {
  const { name } = strategy
  const instances = [{ id: name, strategy: name, params }]
  return new Story(
    { strategy: { names: [], instances, safe_only: false } },
    { strategies: withOwn([{ ...strategy, code: strategy.code ?? 'test' }]) },
  )
}
