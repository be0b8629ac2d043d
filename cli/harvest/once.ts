import type { Job } from '#schemas/harvest.js'
import { HarvestMemory } from '#engine/harvest/memory.js'
import { httpPort } from '#engine/harvest/http.js'
import { textOf, type Answer, type Call } from '../command.js'
import { loadConfig } from '../config.js'
import { tableOf } from '../format/table.js'
import { machineClock } from '../machine-clock.js'
import { freshDir, runsDirOf, stampOf } from '../runs.js'
import { handlesIn, harvestRun, type Ran } from './one-run.js'
import { openTables } from './tables.js'

/** Runs these collectors once, into a run of their own, and the tables; 1 where one of them failed. */
export async function harvestOnce(
  call: Call,
  {
    jobs,
    name,
    sinceUs,
  }: { readonly jobs: readonly Job[]; readonly name: string; readonly sinceUs?: number },
): Promise<Answer> {
  const { values, stop } = call
  const { config, remarks = [] } = loadConfig(values)
  for (const remark of remarks) call.note(remark)
  const clock = machineClock()
  const http = httpPort(() => clock.nowUs() / 1_000)
  const dir = freshDir(values, `${stampOf(Date.now())}-${name}`)
  const db = config.harvest.tables
    ? await openTables(runsDirOf(values), { file: textOf(values, 'db') })
    : undefined
  const ran: Ran[] = []
  const handles = handlesIn(values)
  try {
    const end = await harvestRun({
      ...{ call, config, dir, clock, http, db, stop, once: jobs, memory: new HarvestMemory() },
      ...(handles && { handles }),
      ...(sinceUs !== undefined && { sinceUs }),
      told: one => {
        ran.push(one)
        call.progress(`${one.job}: ${one.status}, ${one.rows} rows`)
      },
    })
    say(call, { dir, head: end.head, ran })
    const isBad = ran.some(({ status }) => status === 'error')
    const code = stop.aborted ? 130 : isBad ? 1 : 0
    const facts = ran.map(({ job, status, rows, attempts, error, message, latency }) => ({
      ...{ job, status, rows, attempts, error, message, latencyUs: latency },
    }))
    return { code, json: { runDir: dir, head: end.head, lastSeq: end.lastSeq, collectors: facts } }
  } finally {
    db?.close()
    await http.close()
  }
}

function say(
  call: Call,
  { dir, head, ran }: { dir: string; head: string; ran: readonly Ran[] },
): void {
  const rows = ran.map(({ job, status, rows: count, attempts, message }) => [
    job,
    status,
    `${count}`,
    `${attempts}`,
    message,
  ])
  for (const line of tableOf([['collector', 'status', 'rows', 'requests', ''], ...rows]))
    call.say(line)
  call.say(`run      ${dir}`)
  call.say(`head     ${head}`)
  call.say(`next: polaris harvest status`)
}
