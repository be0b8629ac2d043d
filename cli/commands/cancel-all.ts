import { setTimeout as pause } from 'node:timers/promises'
import { Refusal, textOf, type Answer, type Call, type Command } from '../command.js'
import { loadConfig } from '../config.js'
import { openAccount } from '../live-account.js'
import { durationOf } from '../live-plan.js'
import { VENUE_HELP, venueUrls } from '../venue-options.js'
import { FOLDERS, rowsOf, runDirOf } from '../runs.js'
import { tellRun } from '../tell-run.js'
import { VenueAccount } from '../venue-account.js'

/** How long the engine gets to have its orders cancelled before the venue is asked directly, ms. */
const ENGINE_MS = 10_000
/** How long the venue gets until it must have said that nothing is open. */
const WITHIN = '30s'
/** Between two looks, ms. */
const LOOK_MS = 500
/** Looks in a row that must find nothing: an order may have been on its way during the first. */
const EMPTY_LOOKS = 2

/** `polaris cancel-all`: everything of the account is taken out of the venue's books, with or without an engine. */
export const cancelAllCommand: Command = {
  name: 'cancel-all',
  summary: 'cancel every open order of the account, and ask until the venue has none',
  usage: 'cancel-all [DIR] [--within 30s]',
  example: 'cancel-all runs/run_latest',
  options: { venue: { type: 'string' }, within: { type: 'string' } },
  help: {
    DIR: 'a run: where its process is alive it is told to cancel; where it does not get it done in 10 s the venue is asked directly',
    '--within T': `how long the venue is asked until it has none open: 10s, 2m (default ${WITHIN})`,
    '--venue URL': VENUE_HELP['--venue URL'],
  },
  run: async call => {
    const [word] = call.positionals
    const told = word === undefined ? undefined : await byEngine(call, runDirOf(word, call.values))
    return told ?? (await byVenue(call))
  },
}

/** Through the process that runs a run; undefined where that did not, or could not, get it done. */
async function byEngine(call: Call, runDir: string): Promise<Answer | undefined> {
  const { status } = await FOLDERS.info(runDir)
  if (status !== 'open') {
    call.note(`no process runs ${runDir}: the venue is asked directly`)
    return undefined
  }
  try {
    const answer = await tellRun(runDir, { command: 'cancel-all' })
    if ('seq' in answer) return await closedBy(call, runDir, answer.seq)
    call.note(`the engine did not take it${'error' in answer ? `: ${answer.error.message}` : ''}`)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    call.note(`the engine cannot be told: ${error.message}`)
  }
  return undefined
}

/** Waits until the log says of every order that was placed before the command how it ended. */
async function closedBy(call: Call, runDir: string, seq: number): Promise<Answer | undefined> {
  call.note(`the engine took it as event ${seq}`)
  const [open, later] = [new Set<string>(), new Set<string>()]
  let [fromSeq, cancelled, unknown] = [1, 0, 0]
  for (let waitedMs = 0; ; waitedMs += LOOK_MS) {
    for await (const rows of rowsOf(runDir, { fromSeq }))
      for (const { seq: at, event } of rows) {
        fromSeq = at + 1
        if (event.type === 'OrderPlaced') (at < seq ? open : later).add(event.data.order)
        if (event.type !== 'OrderClosed') continue
        const { order, result } = event.data
        later.delete(order)
        if (!open.delete(order) || at < seq) continue
        if (result === 'cancelled') cancelled++
        if (result === 'unknown') unknown++
      }
    if (open.size === 0 && unknown === 0) break
    if (waitedMs >= ENGINE_MS || unknown > 0) {
      call.note(`${open.size + unknown} orders of the run have not ended: the venue is asked`)
      return undefined
    }
    await pause(LOOK_MS)
  }
  call.say(`cancelled ${cancelled} orders; none that was placed before is open`)
  if (later.size > 0)
    call.say(
      `${later.size} were placed since: 'polaris command ${runDir} hard-stop' ends that as well`,
    )
  const json = { via: 'run', runDir, seq, cancelled, open: later.size, confirmed: true }
  return { code: later.size === 0 ? 0 : 1, json }
}

/** At the venue itself: with the account's keys, and without anybody's leave. */
async function byVenue(call: Call): Promise<Answer> {
  const { config } = loadConfig(call.values)
  const within = textOf(call.values, 'within') ?? WITHIN
  const withinMs = durationOf(within)
  if (withinMs === undefined)
    throw new Refusal('usage', `--within is '${within}'`, '--within', '10s, 2m')
  const urls = venueUrls(call.values, config)
  const opened = await openAccount(config, urls)
  const account = new VenueAccount(opened, urls)
  const { maker } = opened.account
  try {
    const { cancelled, open, why } = await emptied(account, withinMs, call)
    const isDone = open === 0
    call.say(`cancelled ${cancelled} orders of ${maker}`)
    if (isDone) call.say('the venue has none open')
    else
      call.say(
        open === undefined
          ? `whether any is open the venue does not say: ${why}`
          : `${open} are still open after ${within}${why === '' ? '' : `: ${why}`}`,
      )
    const json = { via: 'venue', account: maker, cancelled, open: open ?? null, confirmed: isDone }
    return { code: isDone ? 0 : 1, json: why === '' ? json : { ...json, why } }
  } finally {
    await account.close()
    opened.signer.close()
  }
}

/** Cancels and looks, again and again, until nothing is open or the time is over. `open`: undefined where nobody says. */
async function emptied(
  account: VenueAccount,
  withinMs: number,
  { stop }: Call,
): Promise<{ cancelled: number; open: number | undefined; why: string }> {
  const untilMs = performance.now() + withinMs
  let cancelled = 0
  let open: number | undefined
  let why = ''
  for (let empty = 0; ;) {
    try {
      if (empty === 0) cancelled += await account.cancelAll()
      why = ''
    } catch (error) {
      why = failed(error) // whether it was done, the list says
    }
    try {
      open = (await account.openOrders()).length
    } catch (error) {
      open = undefined
      why = failed(error)
    }
    empty = open === 0 ? empty + 1 : 0
    if (empty === EMPTY_LOOKS || stop.aborted || performance.now() >= untilMs)
      return { cancelled, open: empty >= EMPTY_LOOKS ? 0 : open || undefined, why }
    await pause(LOOK_MS)
  }
}

/** What the venue did not do; a key that it does not take is no matter of patience. */
function failed(error: unknown): string {
  if (error instanceof Refusal && error.code !== 'unauthorized') return error.message
  throw error
}
