import { folderStore } from '#engine/log/store/folder-store.js'
import { Refusal, textOf, type Call } from '../command.js'
import { runsDirOf } from '../runs.js'
import { writePartitions } from './parquet.js'
import { bringTables, checkTables } from './rebuild.js'
import { harvestRuns } from './runs.js'
import { openTables } from './tables.js'

/** What became of the tables of collectors; nothing where nothing was ever collected. */
export async function migrateCollected(
  call: Call,
  { isCheck, file }: { isCheck: boolean; file: string | undefined },
): Promise<{ readonly isGood: boolean; readonly facts: unknown } | undefined> {
  const { values } = call
  const isAnew = values['rebuild'] === true
  if (isCheck && isAnew)
    throw new Refusal('usage', 'a check writes nothing', '--check, --rebuild', 'one of them')
  const runsDir = runsDirOf(values)
  const store = folderStore(runsDir)
  if (call.positionals.length > 0 || (await harvestRuns(store)).length === 0) return undefined
  const bringing = { runsDir, store, call, file }
  if (isCheck) {
    const tables = await checkTables(bringing)
    const isGood = tables?.every(({ same }) => same) ?? false
    for (const { name, rows, same } of tables ?? [])
      call.say(`${name}: ${rows} rows, ${same ? 'same' : 'differs'}`)
    if (!tables) call.say('nothing of the collectors is in the database')
    return { isGood, facts: { tables: tables ?? [] } }
  }
  const runs = await bringTables(bringing, isAnew)
  for (const { runId, lastSeq } of runs) call.say(`${runId}: in the tables up to event ${lastSeq}`)
  const parquet = textOf(values, 'parquet')
  if (parquet === undefined) return { isGood: true, facts: { runs } }
  const db = await openTables(runsDir, { isReadonly: true, file })
  try {
    const written = await writePartitions(db, parquet, call)
    call.say(
      `${written.written} files of Parquet written in ${parquet}, ${written.kept} kept, ${written.removed} folders removed`,
    )
    return { isGood: true, facts: { runs, parquet: { dir: parquet, ...written } } }
  } finally {
    db.close()
  }
}
