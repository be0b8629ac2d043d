import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { readable } from '#engine/log/readable.js'
import { VIEWS, viewNamed } from '#projections/registry.js'
import { VIEWS_DIR, type ViewResult } from '#projections/sinks/files.js'
import { writeFolded } from '#projections/sinks/folded.js'
import type { FileView } from '#projections/view.js'
import { Refusal, textOf, wordOf, type Call, type Command } from '../command.js'
import { foldViews } from '../fold-views.js'
import { tableOf } from '../format/table.js'
import { runDirOf } from '../runs.js'

const USAGE = 'project DIR [--check] [--view NAME]'

/** `polaris project`: the views of a run, rebuilt from its log. */
export const projectCommand: Command = {
  name: 'project',
  summary: 'rebuild the views of a run from its log, or check that they are what the log says',
  usage: USAGE,
  example: 'project runs/demo',
  options: { check: { type: 'boolean' }, view: { type: 'string' } },
  help: {
    '--check': 'write nothing; exit 1 when a view is missing or a byte of it differs',
    '--view NAME': `only this one: ${VIEWS.map(({ name }) => name).join(', ')}`,
  },
  run: async call => {
    const dir = runDirOf(wordOf(call, 0, 'DIR', USAGE), call.values)
    const isCheck = call.values['check'] === true
    const views = await projectRun(dir, { views: chosen(call), writes: !isCheck, stop: call.stop })
    if (!views) {
      call.note('stopped: the views stay as they were')
      return { code: 130, json: { views: [] } }
    }
    sayViews(call, views, isCheck)
    const holds = !isCheck || views.every(({ same }) => same)
    return { code: holds ? 0 : 1, json: { views } }
  },
}

/** Rebuilds views of a run in one pass over its log, and says what they were folded from; nothing where it was stopped. */
export async function projectRun(
  dir: string,
  of: { views: readonly FileView[]; writes: boolean; stop?: AbortSignal },
): Promise<ViewResult[] | undefined> {
  const target = join(dir, VIEWS_DIR)
  const at = E.getOrElse(() => ({ lastSeq: Infinity, head: '' }))(await readable(dir)) // a fault is told by the fold
  const { lastSeq, head } = at
  const results = await foldViews(dir, { ...of, target, untilSeq: lastSeq })
  if (results && of.writes) await writeFolded(target, { lastSeq, head, views: results })
  return results
}

function chosen({ values }: Call): readonly FileView[] {
  const name = textOf(values, 'view')
  if (name === undefined) return VIEWS
  const view = viewNamed(name)
  if (view) return [view]
  const names = VIEWS.map(one => one.name).join(', ')
  throw new Refusal('usage', `there is no view '${name}'`, '--view', names)
}

function sayViews(call: Call, views: readonly ViewResult[], isCheck: boolean): void {
  const verdict = ({ same, differsAt }: ViewResult): string => {
    if (same) return 'same'
    if (differsAt >= 0) return `differs at byte ${differsAt}`
    return isCheck ? 'missing' : 'new'
  }
  const rows = views.map(view => [
    view.file,
    `${view.rows}`,
    `${view.bytes}`,
    view.blake3.slice(0, 16),
    verdict(view),
  ])
  const header = ['view', 'rows', 'bytes', 'blake3', isCheck ? 'the file' : 'the file before']
  for (const line of tableOf([header, ...rows])) call.say(line)
}
