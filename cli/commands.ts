import type { Command } from './command.js'

/** Every verb, in the order of the overview; each is loaded when it is called, so that no verb waits for another's parts. */
export const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  demo: async () => (await import('./commands/demo.js')).demoCommand,
  import: async () => (await import('./commands/import.js')).importCommand,
  record: async () => (await import('./commands/record.js')).recordCommand,
  venue: async () => (await import('./commands/venue.js')).venueCommand,
  run: async () => (await import('./commands/run.js')).runCommand,
  'arb-run': async () => (await import('./commands/arb-run.js')).arbRunCommand,
  livetest: async () => (await import('./commands/livetest.js')).livetestCommand,
  'market-trade': async () => (await import('./commands/market-trade.js')).marketTradeCommand,
  status: async () => (await import('./commands/status.js')).statusCommand,
  reconcile: async () => (await import('./commands/reconcile.js')).reconcileCommand,
  'cancel-all': async () => (await import('./commands/cancel-all.js')).cancelAllCommand,
  command: async () => (await import('./commands/command.js')).commandCommand,
  replay: async () => (await import('./commands/replay.js')).replayCommand,
  verify: async () => (await import('./commands/verify.js')).verifyCommand,
  book: async () => (await import('./commands/book.js')).bookCommand,
  explain: async () => (await import('./commands/explain.js')).explainCommand,
  'what-if': async () => (await import('./commands/what-if.js')).whatIfCommand,
  sweep: async () => (await import('./commands/sweep.js')).sweepCommand,
  'check-lookahead': async () =>
    (await import('./commands/check-lookahead.js')).checkLookaheadCommand,
  summary: async () => (await import('./commands/summary.js')).summaryCommand,
  project: async () => (await import('./commands/project.js')).projectCommand,
  export: async () => (await import('./commands/export.js')).exportCommand,
  sql: async () => (await import('./commands/sql.js')).sqlCommand,
  runs: async () => (await import('./commands/runs.js')).runsCommand,
  prune: async () => (await import('./commands/prune.js')).pruneCommand,
  keystore: async () => (await import('./commands/keystore.js')).keystoreCommand,
  config: async () => (await import('./commands/config.js')).configCommand,
  doctor: async () => (await import('./commands/doctor.js')).doctorCommand,
  'builder-health': async () => (await import('./commands/builder-health.js')).builderHealthCommand,
  bench: async () => (await import('./commands/bench.js')).benchCommand,
  'arb-benchmark': async () => (await import('./commands/arb-benchmark.js')).arbBenchmarkCommand,
  'arb-benchmark-t2t': async () =>
    (await import('./commands/arb-benchmark-t2t.js')).arbBenchmarkT2tCommand,
}
