import t from 'tap'
import { eventLogContract } from '../event-log.contract.js'
import { MemoryLog } from './memory-log.js'

eventLogContract(t, async (_, { commitEvents }) => {
  const log = await MemoryLog.open({ runId: 'memory', commitEvents })
  return { log, reader: log }
})
