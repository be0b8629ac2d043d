import { runCommandLine } from './command-line.js'

/** Whoever read our output has gone (`| head`): a run goes on all the same, it only stops talking. */
function outlive(stream: NodeJS.WriteStream): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
}

outlive(process.stdout)
outlive(process.stderr)
process.exitCode = await runCommandLine(process.argv.slice(2))
