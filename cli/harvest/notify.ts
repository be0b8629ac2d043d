import { spawn } from 'node:child_process'

/** What a service manager is told. */
export interface Notifier {
  /** One message, as in `READY=1`; resolves once it is told, or cannot be. */
  readonly tell: (...words: readonly string[]) => Promise<void>
  /** How often it wants to hear that all is well, ms; undefined: it does not. */
  readonly watchdogMs: number | undefined
}

/** Part of the watchdog's patience after which it hears from us. */
const SHARE = 3
/** Longest that telling may take, ms. */
const TELL_MS = 5_000

/**
 * Speaks to systemd by `systemd-notify`, which comes with it: Node has no datagrams of the Unix domain, and a package with an addon of its own would
 * have to be compiled. The unit allows it (`NotifyAccess=all`), since it is a process of its own that speaks. Nothing is said where
 * nobody listens.
 */
export function notifierOf(env: NodeJS.ProcessEnv, remark: (line: string) => void): Notifier {
  const socket = env['NOTIFY_SOCKET'] ?? ''
  const usec = Number(env['WATCHDOG_USEC'] ?? '')
  let hasFailed = false
  return {
    watchdogMs:
      socket !== '' && usec > 0 ? Math.max(100, Math.floor(usec / 1_000 / SHARE)) : undefined,
    tell: async (...words) => {
      if (socket === '') return
      const fault = await told(words)
      if (fault === undefined || hasFailed) return
      hasFailed = true
      remark(`the service manager is not told: ${fault}`)
    },
  }
}

async function told(words: readonly string[]): Promise<string | undefined> {
  return await new Promise(resolve => {
    const child = spawn('systemd-notify', words, { stdio: 'ignore', timeout: TELL_MS })
    child.once('error', error => resolve(error.message))
    child.once('exit', code =>
      resolve(code === 0 ? undefined : `systemd-notify: exit ${code ?? 'by a signal'}`),
    )
  })
}
