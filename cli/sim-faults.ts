import type { Fault } from '#schemas/reasons.js'

/** Switches of the earlier systems: what the environment asks for becomes part of the log's first event. */
export function faultsIn(env: NodeJS.ProcessEnv): readonly Fault[] {
  const isOn = (name: string): boolean => env[name] === '1'
  const faults: Fault[] = []
  if (isOn('RAZOR_SIM_FORCE_CHASE_FAIL')) faults.push('force-chase-fail')
  if (isOn('RAZOR_SIM_FORCE_FLATTEN_FAIL')) faults.push('force-flatten-fail')
  if (isOn('POLARIS_SIM_PHANTOM_POSITION')) faults.push('phantom-position')
  return faults
}
