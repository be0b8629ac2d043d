import { POLICY, type Policy } from '#api/execution/policy.js'
import { Refusal } from './command.js'

/** Variables of the earlier system, in dollars, counts and basis points. */
const VARIABLES = {
  notionalMax: { name: 'EXEC_MAX_NOTIONAL_PER_ORDER', scale: 1_000_000 },
  openMax: { name: 'EXEC_MAX_CONCURRENT_ORDERS', scale: 1 },
  dailyMax: { name: 'EXEC_MAX_DAILY_NOTIONAL', scale: 1_000_000 },
  slippageBps: { name: 'EXEC_SLIPPAGE_BPS', scale: 1 },
} as const

/** The limits of semi-automatic orders: those of the environment, and the usual ones where it says nothing. */
export function policyFrom(env: NodeJS.ProcessEnv): Policy {
  const of = (key: keyof Policy): number => {
    const { name, scale } = VARIABLES[key]
    const text = env[name]
    if (text === undefined || text === '') return POLICY[key]
    const value = Number(text) * scale
    if (/^\d{1,12}(\.\d{1,6})?$/.test(text) && Number.isSafeInteger(Math.round(value)))
      return Math.round(value)
    throw new Refusal('config', `${name} is '${text}'`, name, 'a number that is not negative')
  }
  return {
    notionalMax: of('notionalMax'),
    openMax: of('openMax'),
    dailyMax: of('dailyMax'),
    slippageBps: of('slippageBps'),
  }
}
