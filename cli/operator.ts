import { existsSync, unwatchFile, watchFile } from 'node:fs'
import { decisionPart } from '#schemas/config.js'
import type { Feed } from '#engine/feeds/feed.js'
import { OperatorQueue } from '#engine/run/operator-queue.js'
import { textOf, type Call } from './command.js'
import { DEFAULT_FILE } from './config.js'
import { Control } from './control.js'
import { operatorFeed } from './operator-feed.js'
import { Reload } from './reload.js'
import type { RunPlan } from './start-run.js'

/** How often the configuration file is looked at, ms. */
const LOOK_MS = 1_000

/** Everything that an operator may speak to a running process by. */
export interface Operator {
  readonly queue: OperatorQueue
  /** The plan's feed with what the operator says. */
  readonly feed: Feed
  readonly close: () => void
}

/** Opens the socket of a run, and reloads the configuration on SIGHUP and when its file changes. */
export async function openOperator(plan: RunPlan, call: Call): Promise<Operator> {
  const queue = new OperatorQueue()
  const reload = new Reload(call.values, plan.feed.source, decisionPart(plan.config))
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
  if (existsSync(file))
    watchFile(file, { interval: LOOK_MS, persistent: false }, () => {
      bring(file)
    })
  process.on('SIGHUP', onSignal)
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
      unwatchFile(file)
      process.off('SIGHUP', onSignal)
    },
  }
}
