import { MODES, type Mode } from '#schemas/reasons.js'
import type { Config } from '#schemas/config.js'
import type { WallClock } from '#engine/core/wall-clock.js'
import type { Feed } from '#engine/feeds/feed.js'
import { simulatorFeed } from '#engine/feeds/simulator/simulator.js'
import { Refusal, textOf, wholeOf, type Call, type Values } from './command.js'
import { loadConfig } from './config.js'
import { forScenario } from './scenario-config.js'
import { recordedFeed } from './recorded-feed.js'
import { FOLDERS, freshDir, orRefuse, runDirOf, stampOf, startOf } from './runs.js'
import { asRecorded, durationOf } from './live-plan.js'
import { requireKeys, resumedMode } from './live-keys.js'
import { machineClock } from './machine-clock.js'
import { faultsIn } from './sim-faults.js'
import type { RunPlan } from './start-run.js'
import { withFilesOf } from './strategies/kept.js'

/** How the command line of a run goes. */
export const RUN_USAGE = 'run --source (sim:SCENARIO | DIR | polymarket) [--out DIR | --resume DIR]'
/** The venue itself, as a source. */
export const VENUE = 'polymarket'

/** A plan, with the clock of a run that goes by the machine's. */
export type Plan = RunPlan & { readonly clock?: WallClock }

/** What a command line asks for: `unborn` is the folder of a run that has to begin again. */
export async function planOf(call: Call, unborn?: string): Promise<Plan> {
  const { values } = call
  const loaded = loadConfig(values)
  for (const remark of loaded.remarks ?? []) call.note(remark)
  const word = textOf(values, 'source')
  if (word === undefined || word === '')
    throw new Refusal('usage', '--source is missing', 'command line', RUN_USAGE)
  const seed = wholeOf(values, 'seed') ?? 7
  if (word === VENUE) return await livePlanOf(call, loaded.config, { seed, dir: unborn })
  const isSim = word.startsWith('sim:')
  const dir = isSim ? '' : runDirOf(word, values)
  if (!isSim) await requireFinished(call, dir)
  const feed = isSim ? simFeed(word, seed, wholeOf(values, 'events', 1)) : recordedFeed(dir)
  const name = isSim ? word.slice(4) : 'replayed'
  return {
    dir:
      unborn ?? freshDir(values, `${stampOf(Date.now())}-${name.replaceAll(/[^a-z0-9-]/g, '-')}`),
    feed,
    config: isSim ? forScenario(loaded, feed.source) : loaded.config,
    mode: modeOf(call, { isSim, config: loaded.config }),
    seed,
    faults: faultsIn(process.env),
    parent: isSim ? '' : await headOf(dir),
    ...keeping(values, loaded.config),
  }
}

/** The venue's feed, with all that it takes to hear it: other sources need none of that. */
async function liveFeed(values: Values, config: Config, clock: WallClock): Promise<Feed> {
  const { venueFeed } = await import('./live-venue.js')
  return venueFeed(values, config, { clock })
}

/** Trading at the venue as it is now: its market data, the machine's clock, and the simulated exchange, or in live mode its own. */
async function livePlanOf(
  call: Call,
  config: Config,
  of: { seed: number; dir: string | undefined; mode?: Mode },
): Promise<Plan> {
  const { values } = call
  if (values['speed'] !== undefined)
    throw new Refusal('usage', 'the venue has a speed of its own', '--speed', 'a simulated source')
  const clock = machineClock()
  return {
    dir: of.dir ?? freshDir(values, `${stampOf(Date.now())}-${VENUE}`),
    ...{ clock, config, seed: of.seed, parent: '', faults: faultsIn(process.env) },
    feed: await liveFeed(values, config, clock),
    mode:
      of.mode === undefined
        ? modeOf(call, { isSim: true, config, isVenue: true })
        : resumedMode(call, of.mode),
    ...keeping(values, config),
  }
}

/**
 * A source that goes on, or whose writer was killed, is not the whole of what happened: a sealed run over it would look as if it
 * were. It is taken only where that is asked for.
 */
async function requireFinished({ values, note }: Call, dir: string): Promise<void> {
  const { status } = await FOLDERS.info(dir)
  if (status === 'sealed' || status === 'unknown') return
  const { lastSeq } = orRefuse(await FOLDERS.end(dir))
  if (values['unfinished'] !== true)
    throw new Refusal(
      'unfinished',
      `the source is not finished (${status}): it ends at event ${lastSeq} for now`,
      dir,
      'a sealed run; --unfinished takes what is there',
    )
  note(
    `the source is not finished (${status}): this run ends where it ends now, at event ${lastSeq}`,
  )
}

/** A resumed run reads what decides from its own first line; only its source has to be found again. */
export async function resumedPlanOf(call: Call, word: string): Promise<Plan> {
  const { values } = call
  const dir = runDirOf(word, values)
  const started = await startOf(dir)
  const { mode, source, seed, parent, faults } = started.data
  const loaded = loadConfig(values)
  const recorded = asRecorded(loaded.config, started)
  const config = withFilesOf(recorded, dir, { started: started.data, values })
  if (source === VENUE) return await livePlanOf(call, config, { seed, dir, mode })
  const feed = source.startsWith('sim:')
    ? simFeed(source, seed, undefined)
    : recordedFeed(await parentOf(values, parent))
  return {
    dir,
    feed,
    config,
    mode,
    seed,
    faults,
    parent,
    ...keeping(values, loaded.config),
  }
}

async function parentOf(values: Values, parent: string): Promise<string> {
  const word = textOf(values, 'source')
  if (word === undefined)
    throw new Refusal(
      'usage',
      'this run took its feed from another run',
      '--source',
      `the run with head ${parent}`,
    )
  const dir = runDirOf(word, values)
  const head = await headOf(dir)
  if (head === parent) return dir
  throw new Refusal(
    'other-source',
    `${dir} has head ${head}`,
    '--source',
    `the run with head ${parent}`,
  )
}

/** `sim:NAME` or `sim:NAME/LENGTH`: the length is part of the source, so that a resumed run ends where it would have. */
export function simFeed(word: string, seed: number, events: number | undefined): Feed {
  const [scenario = '', length] = word.slice('sim:'.length).split('/')
  const lasts = events === undefined ? durationOf(length ?? '') : undefined
  if (lasts !== undefined) {
    const timed = simulatorFeed({ scenario, seed, durationMs: lasts })
    return { ...timed, source: `${timed.source}/${length}` }
  }
  const wanted = events ?? (length === undefined ? undefined : Number(length))
  if (wanted !== undefined && !(Number.isSafeInteger(wanted) && wanted > 0))
    throw new Refusal(
      'usage',
      `length '${length}' of ${word}`,
      '--source',
      'sim:SCENARIO, /NUMBER of inputs or a time like /90s, /15m, /24h',
    )
  const feed = simulatorFeed({ scenario, seed, events: wanted })
  return wanted === undefined ? feed : { ...feed, source: `${feed.source}/${wanted}` }
}

/** Where a run stands as its directory says: what a run that takes its feed names as its parent. */
async function headOf(dir: string): Promise<string> {
  const { head } = await FOLDERS.info(dir)
  if (head !== '') return head
  throw new Refusal(
    'no-head',
    'the run has no head yet',
    dir,
    'a run that was sealed, or ran for ten seconds',
  )
}

function modeOf(
  call: Call,
  { isSim, config, isVenue = false }: { isSim: boolean; config: Config; isVenue?: boolean },
): Mode {
  const asked = textOf(call.values, 'mode') ?? process.env['RAZOR_MODE']
  const paper = isSim ? 'paper_live' : 'paper_replay'
  if (asked === undefined || asked === '' || asked === 'paper' || asked === 'dry_run') return paper
  const mode = MODES.find(one => one === asked && one !== 'import')
  if (mode === undefined)
    throw new Refusal('usage', `mode is '${asked}'`, '--mode', MODES.slice(1).join(', '))
  if (mode !== 'live') return mode
  if (!config.live.enabled) {
    call.note('live mode is asked for, but live.enabled is false: the simulated exchange serves')
    return paper
  }
  if (!isVenue)
    throw new Refusal(
      'no-live',
      'real orders need the real market',
      '--mode live',
      '--source polymarket',
    )
  requireKeys(call)
  return 'live'
}

function keeping(
  values: Values,
  { log, run }: Config,
): Pick<RunPlan, 'durability' | 'acks' | 'backend' | 'hasLiveViews' | 'speed'> {
  const durability = textOf(values, 'durability') ?? log.durability
  const backend = textOf(values, 'backend') ?? run.backend
  if (durability !== 'commit' && durability !== 'interval' && durability !== 'none')
    throw new Refusal(
      'usage',
      `durability is '${durability}'`,
      '--durability',
      'commit, interval or none',
    )
  const speed = speedOf(values)
  return { durability, acks: values['acks'] === true, backend, hasLiveViews: true, speed }
}

/** How fast a source is told: above 0, as `--speed` says; undefined for as fast as it can. */
export function speedOf(values: Values): number | undefined {
  const text = textOf(values, 'speed')
  if (text === undefined) return undefined
  const speed = Number(text)
  if (Number.isFinite(speed) && speed > 0) return speed
  throw new Refusal('usage', `--speed is '${text}'`, '--speed', 'a number above 0')
}
