import { homedir } from 'node:os'
import { join } from 'node:path'

/**
 * What belongs to this user on this machine rather than to a run, so that processes find it wherever their runs are:
 * `POLARIS_STATE_DIR`, else as the XDG rules say.
 */
export function stateDir(env: NodeJS.ProcessEnv = process.env): string {
  const own = env['POLARIS_STATE_DIR'] ?? ''
  if (own !== '') return own
  const base = env['XDG_STATE_HOME'] ?? ''
  return join(base === '' ? join(homedir(), '.local', 'state') : base, 'polaris')
}
