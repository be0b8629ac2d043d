import {
  existsSync,
  lstatSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'

/** Name of the pointer to the newest run, in the runs directory. */
export const LATEST = 'run_latest'

/**
 * Points to a run that begins, where it lies in the runs directory: a symbolic link, or where none can be made a text file
 * with the run's name. Answers with what went wrong; a run goes on without its pointer.
 */
export function pointTo(dir: string, runsDir: string): string | undefined {
  if (dirname(resolve(dir)) !== resolve(runsDir)) return undefined
  const pointer = join(runsDir, LATEST)
  const temporary = `${pointer}.${process.pid}.tmp`
  try {
    rmSync(temporary, { force: true })
    try {
      symlinkSync(basename(resolve(dir)), temporary)
    } catch {
      writeFileSync(temporary, `${basename(resolve(dir))}\n`)
    }
    renameSync(temporary, pointer)
    return undefined
  } catch (error) {
    rmSync(temporary, { force: true })
    return String(error)
  }
}

/** The run that a pointer names; undefined where there is no pointer. */
export function latestOf(pointer: string): string | undefined {
  try {
    const name = lstatSync(pointer).isSymbolicLink()
      ? readlinkSync(pointer)
      : readFileSync(pointer, 'utf8').trim()
    return join(dirname(pointer), basename(name))
  } catch {
    return undefined
  }
}

/** Removes the pointer of a runs directory when the run that it names is gone. */
export function forgetLatestIfGone(runsDir: string): void {
  const pointer = join(runsDir, LATEST)
  const run = latestOf(pointer)
  if (run !== undefined && !existsSync(run)) rmSync(pointer, { force: true })
}
