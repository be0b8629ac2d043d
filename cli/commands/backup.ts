import { existsSync } from 'node:fs'
import { rename, rm, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { DATABASE } from '#projections/sinks/sqlite.js'
import { sqlite } from '#projections/sinks/sqlite-addon.js'
import { Refusal, textOf, type Command } from '../command.js'
import { runsDirOf, stampOf } from '../runs.js'

/** Pages that are copied before others get their turn. */
const PAGES_AT_ONCE = 500

/** `polaris backup`: the database of a runs directory, whole, while it is written. */
export const backupCommand: Command = {
  name: 'backup',
  summary: 'copy polaris.db while it is in use, check the copy, and put it in place at once',
  usage: 'backup [--output FILE] [--db FILE]',
  example: 'backup --output backups/polaris.db',
  options: { output: { type: 'string' }, db: { type: 'string' } },
  help: {
    '--output FILE':
      'the copy (default: polaris-STAMP.db beside the database); one that is there is not overwritten',
    '--db FILE': 'another database (default: polaris.db of the runs directory)',
    logs: 'runs are the truth that tables are folded from: copy their folders, or `polaris prune --archive` them',
  },
  run: async call => {
    const { values } = call
    const runsDir = runsDirOf(values)
    const file = textOf(values, 'db') ?? join(runsDir, DATABASE)
    const output = textOf(values, 'output') ?? join(runsDir, `polaris-${stampOf(Date.now())}.db`)
    if (!existsSync(file))
      throw new Refusal('no-database', 'there is no such database', file, 'a database of runs')
    if (existsSync(output) || resolve(output) === resolve(file))
      throw new Refusal('exists', 'a file is there already', output, 'a new file')
    const partial = `${output}.tmp`
    const Sqlite = await sqlite()
    try {
      const source = new Sqlite(file, { readonly: true, timeout: 60_000 })
      try {
        await source.backup(partial, {
          progress: ({ totalPages, remainingPages }) => {
            call.progress(`${totalPages - remainingPages} of ${totalPages} pages`)
            return call.stop.aborted ? 0 : PAGES_AT_ONCE
          },
          ...{ attached: 'main' },
        })
      } finally {
        source.close()
      }
      call.progress('checking the copy')
      const copy = new Sqlite(partial)
      const verdict = copy.pragma('integrity_check', { simple: true })
      // The copy is one file: nothing of it stands beside it.
      copy.pragma('journal_mode = DELETE')
      copy.close()
      if (verdict !== 'ok')
        throw new Refusal(
          'damaged',
          `the copy is not whole: ${String(verdict)}`,
          file,
          'a database that integrity_check passes',
        )
      await rename(partial, output)
    } catch (error) {
      if (error instanceof Refusal || !(error instanceof Error)) throw error
      throw new Refusal(
        'backup',
        error.message,
        output,
        'a database, and a folder of yours with room',
      )
    } finally {
      for (const suffix of ['', '-wal', '-shm', '-journal'])
        await rm(`${partial}${suffix}`, { force: true })
    }
    const { size } = await stat(output)
    call.say(`${output}: ${(size / 1e6).toFixed(1)} MB, whole`)
    return { code: 0, json: { database: file, output, bytes: size } }
  },
}
