import type { Mode } from '#schemas/reasons.js'
import { Refusal, type Call } from './command.js'

/**
 * Refuses unless everything that live trading needs says so, and names what is missing: `RAZOR_MODE=live`, `live.enabled` (which whoever
 * asks has looked at), and `--confirm-live`.
 */
export function requireKeys(
  { values }: Pick<Call, 'values'>,
  env: NodeJS.ProcessEnv = process.env,
): void {
  const missing = [
    ...(env['RAZOR_MODE'] === 'live' ? [] : ['RAZOR_MODE=live in the environment']),
    ...(values['confirm-live'] === true ? [] : ['--confirm-live']),
  ]
  if (missing.length === 0) return
  throw new Refusal(
    'not-confirmed',
    `live trading lacks ${missing.join(' and ')}`,
    'live.enabled is true',
    'all of them, or live.enabled = false',
  )
}

/** The mode of a run that is resumed: one that traded real money needs its keys again. */
export function resumedMode(call: Call, mode: Mode): Mode {
  if (mode === 'live') requireKeys(call)
  return mode
}
