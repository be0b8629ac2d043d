import t from 'tap'
import { eventLogContract } from '../event-log.contract.js'
import { jsonlReader } from '../read/jsonl-reader.js'
import { createRun } from './run-dir.js'
import { right, startOf } from '../testing/builders.js'
import { verifyRun } from '../prove/verify.js'

for (const durability of ['commit', 'interval', 'none'] as const)
  void t.test(`durability ${durability}`, async t => {
    const root = t.testdir()
    const dirs: string[] = []
    eventLogContract(t, async (_, { commitEvents }) => {
      const dir = `${root}/runs/${dirs.length + 1}`
      dirs.push(dir)
      const options = { dir, commitEvents, durability, commitMs: 5, segmentBytes: 4_000 }
      const log = right(await createRun(startOf('contract'), options))
      return { log, reader: jsonlReader(dir) }
    })
    void t.test('what it wrote verifies', async t => {
      for (const dir of dirs) {
        const verdict = await verifyRun(dir)
        if (verdict.status === 'unreadable') t.equal(verdict.lastSeq, 0)
        else t.match(verdict, { status: 'intact', tornBytes: 0, provenTo: verdict.lastSeq })
      }
    })
  })
