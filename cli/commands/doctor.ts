import { decisionsOf, digestOf, loadConfig } from '../config.js'
import { backendOf, journalOf } from '../backend.js'
import { hasBookSim } from '#compat/book-sim-program.js'
import { loadAddon } from '#engine/native/addon.js'
import type { Call, Command } from '../command.js'
import { accountLooks, readinessLooks } from '../doctor/account.js'
import { findings, ok, type Finding, type Look } from '../doctor/finding.js'
import { PARTS } from '../doctor/parts.js'
import { placeLooks } from '../doctor/place.js'
import { tradeLooks } from '../doctor/trades.js'
import { sourceLooks } from '../doctor/sources.js'
import { publicLooks } from '../doctor/venue.js'
import { handlesIn } from '../harvest/one-run.js'
import { VENUE_HELP, venueUrls } from '../venue-options.js'
import { runsDirOf } from '../runs.js'

/** `polaris doctor`: what this installation can do, and what the configuration lets its strategies do. It changes nothing; what it writes to try the disk it removes. */
export const doctorCommand: Command = {
  name: 'doctor',
  summary:
    'what this installation can do, and whether each strategy of the configuration can trade at all',
  usage: 'doctor [--live] [--handle A,B] [--venue URL] [--runs-dir DIR]',
  example: 'doctor --json',
  options: {
    live: { type: 'boolean' },
    handle: { type: 'string' },
    venue: { type: 'string' },
    'env-file': { type: 'string' },
  },
  help: {
    '--live':
      'the way to the venue as well: its hosts and channels, clocks, the key, the account and what it may do; needs no mode, and sends no order',
    '--handle A,B':
      'what collectors ask as well: these accounts, the catalogue, books; nothing is recorded',
    '--env-file FILE': 'variables that are read too',
    '--venue URL': VENUE_HELP['--venue URL'],
  },
  run: async call => {
    const looks = [...PARTS, ...placeLooks(runsDirOf(call.values)), ...ownLooks(call)]
    const checks = await findings(looks)
    checks.push(...(await findings(tradesOf(call))))
    if (call.values['live'] === true) checks.push(...(await liveFindings(call)))
    checks.push(...(await sourceFindings(call)))
    for (const { name, status, detail } of checks) call.say(`${name}: ${status} ${detail}`)
    const worst = (['fail', 'warn'] as const).find(status =>
      checks.some(check => check.status === status),
    )
    return { code: worst === 'fail' ? 1 : 0, json: { status: worst ?? 'ok', checks } }
  },
}

/** What the strategies of the configuration can do; nothing where that is no configuration, which is a finding of its own. */
function tradesOf({ values }: Call): readonly Look[] {
  try {
    return tradeLooks(loadConfig(values).config)
  } catch {
    return []
  }
}

/** What stands between here and a real order. */
async function liveFindings({ values }: Call): Promise<Finding[]> {
  const { config } = loadConfig(values)
  const urls = venueUrls(values, config)
  const { looks, close } = accountLooks(config, urls, process.env)
  try {
    const { skew_max_ms: skewMaxMs } = config.account
    const ready = readinessLooks(config, process.env)
    return await findings([...ready, ...publicLooks(urls, skewMaxMs), ...looks])
  } finally {
    await close()
  }
}

/** What collectors would ask, where accounts are named. */
async function sourceFindings({ values }: Call): Promise<Finding[]> {
  const handles = handlesIn(values)
  if (!handles) return []
  const { looks, close } = sourceLooks(loadConfig(values).config, values, handles)
  try {
    return await findings(looks)
  } finally {
    await close()
  }
}

/** What the configuration says, and what the backends come to. */
function ownLooks({ values }: Call): readonly Look[] {
  return [
    {
      name: 'config',
      look: async () => {
        const digest = await digestOf(decisionsOf(loadConfig(values)))
        return ok(`valid, digest ${digest.slice(0, 16)}…`)
      },
    },
    { name: 'backend', look: () => ok(backends(loadConfig(values).config.run.backend)) },
  ]
}

/** Who serves what, and why. */
function backends(wanted: string): string {
  const served = backendOf(wanted)
  const engine =
    wanted === 'auto'
      ? 'ts (it decides after every frame, where a native call costs more than the fold)'
      : `${served} (run.backend)`
  const hasAddon = typeof loadAddon() !== 'string'
  const walks = hasAddon ? 'native (whole commits at a time)' : 'ts (there is no addon)'
  const writer = journalOf(wanted) ? 'native (a thread of its own)' : 'ts'
  const paper = hasBookSim() ? 'daemon and subprocess can be asked' : 'no process can be asked'
  return `engine ${engine}; walks over logs ${walks}; log writer ${writer}; paper fills: ${paper}`
}
