import type { Command } from './command.js'
import { arbBenchmarkCommand } from './commands/arb-benchmark.js'
import { arbBenchmarkT2tCommand } from './commands/arb-benchmark-t2t.js'
import { benchCommand } from './commands/bench.js'
import { bookCommand } from './commands/book.js'
import { commandCommand } from './commands/command.js'
import { configCommand } from './commands/config.js'
import { explainCommand } from './commands/explain.js'
import { demoCommand } from './commands/demo.js'
import { doctorCommand } from './commands/doctor.js'
import { importCommand } from './commands/import.js'
import { pruneCommand } from './commands/prune.js'
import { projectCommand } from './commands/project.js'
import { replayCommand } from './commands/replay.js'
import { runCommand } from './commands/run.js'
import { runsCommand } from './commands/runs.js'
import { sqlCommand } from './commands/sql.js'
import { sweepCommand } from './commands/sweep.js'
import { summaryCommand } from './commands/summary.js'
import { whatIfCommand } from './commands/what-if.js'
import { verifyCommand } from './commands/verify.js'

/** Every verb, in the order of the overview. */
export const COMMANDS: readonly Command[] = [
  demoCommand,
  importCommand,
  runCommand,
  commandCommand,
  replayCommand,
  verifyCommand,
  bookCommand,
  explainCommand,
  whatIfCommand,
  sweepCommand,
  summaryCommand,
  projectCommand,
  sqlCommand,
  runsCommand,
  pruneCommand,
  configCommand,
  doctorCommand,
  benchCommand,
  arbBenchmarkCommand,
  arbBenchmarkT2tCommand,
]
