import { existsSync, unwatchFile, watchFile } from 'node:fs'
import { join } from 'node:path'
import { CommandGiven } from '#schemas/events/run.js'
import type { Feed } from '#engine/feeds/feed.js'
import { OperatorQueue } from '#engine/run/operator-queue.js'
import { textOf, type Call } from './command.js'
import { DEFAULT_FILE } from './config.js'
import { Control } from './control.js'
import { operatorFeed } from './operator-feed.js'
import { Reload } from './reload.js'
import { ruleFilesAt } from './rules/files.js'
import type { RunPlan } from './start-run.js'

/** How often the configuration file is looked at, ms. */
const LOOK_MS = 1_000
/** How often the file that stops trading is looked for, ms. */
const STOP_LOOK_MS = 250
/** A file of this name in a run's folder stops its trading, for as long as the operator does not clear that. */
const STOP_FILE = 'HARD_STOP'

/** Everything that an operator may speak to a running process by. */
export interface Operator {
  readonly queue: OperatorQueue
  /** The plan's feed with what the operator says. */
  readonly feed: Feed
  readonly close: () => void
}

/** Trading stops with SIGUSR2, and with a file `HARD_STOP` in the run's folder: for whoever has no shell, or no time. */
function stopsOf(dir: string, queue: OperatorQueue, call: Call): { close: () => void } {
  const stop = (by: string, from: string): void => {
    const event = CommandGiven.make({ command: 'hard-stop', by, from })
    queue
      .submit(event)
      .then(() => {
        call.note(`trading is stopped: ${by}`)
      })
      .catch(() => undefined) // the run has ended
  }
  const onSignal = (): void => {
    stop('SIGUSR2', 'signal')
  }
  process.on('SIGUSR2', onSignal)
  const file = join(dir, STOP_FILE)
  let isThere = false
  const timer = setInterval(() => {
    const was = isThere
    isThere = existsSync(file)
    if (isThere && !was) stop(STOP_FILE, 'file')
  }, STOP_LOOK_MS).unref()
  return {
    close: () => {
      clearInterval(timer)
      process.off('SIGUSR2', onSignal)
    },
  }
}

/** Opens the socket of a run, and reloads the configuration on SIGHUP and when its file changes. */
export async function openOperator(plan: RunPlan, call: Call): Promise<Operator> {
  const queue = new OperatorQueue()
  const reload = new Reload(call.values, plan.feed.source, plan.config)
  const bring = (by: string): void => {
    reload
      .next(by)
      .then(event => event && queue.submit(event))
      .then(seq => {
        if (seq !== undefined) call.note(`the configuration changed at event ${seq}`)
      })
      .catch((error: unknown) => {
        const message = error instanceof Error ? error.message : String(error)
        call.note(`the configuration stays as it was: ${message}`)
      })
  }
  const onSignal = (): void => {
    bring('SIGHUP')
  }
  const file = textOf(call.values, 'config') ?? DEFAULT_FILE
  const { rules } = plan.config.code
  const watched = [file, ...rules, ...ruleFilesAt(rules)].filter(path => existsSync(path))
  for (const path of watched)
    watchFile(path, { interval: LOOK_MS, persistent: false }, () => {
      bring(path)
    })
  process.on('SIGHUP', onSignal)
  const stops = stopsOf(plan.dir, queue, call)
  const control = await Control.open({
    dir: plan.dir,
    operator: queue,
    reload: by => reload.next(by),
    note: line => {
      call.note(line)
    },
  })
  return {
    queue,
    feed: operatorFeed(plan.feed, queue, { speed: plan.speed }),
    close: () => {
      queue.close()
      control?.close()
      for (const path of watched) unwatchFile(path)
      stops.close()
      process.off('SIGHUP', onSignal)
    },
  }
}
