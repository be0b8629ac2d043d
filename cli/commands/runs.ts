import { folderStore } from '#engine/log/store/folder-store.js'
import type { Command } from '../command.js'
import { tableOf } from '../format/table.js'
import { runsDirOf } from '../runs.js'

/** `polaris runs`: the runs that are kept. */
export const runsCommand: Command = {
  name: 'runs',
  summary: 'list the runs that are kept, as their small files say',
  usage: 'runs',
  example: 'runs --json',
  options: {},
  help: {},
  run: async call => {
    const found = await folderStore(runsDirOf(call.values)).list()
    const rows = found.map(({ runId, status, manifest, lastSeq, head }) => ({
      runId,
      status,
      mode: manifest?.mode ?? '',
      source: manifest?.source ?? '',
      parent: manifest?.parent ?? '',
      lastSeq,
      head,
      startedUs: manifest?.startedUs ?? 0,
      runTag: manifest?.runTag ?? '',
    }))
    if (rows.length === 0)
      call.say(`no runs in ${runsDirOf(call.values)}; 'polaris demo' makes one`)
    else
      for (const line of tableOf([
        ['run', 'status', 'mode', 'source', 'events', 'head'],
        ...rows.map(row => [
          row.runId,
          row.status,
          row.mode,
          row.source,
          `${row.lastSeq}`,
          row.head.slice(0, 16),
        ]),
      ]))
        call.say(line)
    return { code: 0, json: { runs: rows } }
  },
}
