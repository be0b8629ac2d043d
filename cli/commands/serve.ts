import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { folderStore } from '#engine/log/store/folder-store.js'
import type { ListedRun } from '#engine/log/store/run-store.js'
import { serverOf } from '#api/server/app.js'
import { LOOPBACK } from '#api/server/guard.js'
import { Refusal, textOf, textsOf, wholeOf, type Call, type Command } from '../command.js'
import { CONTROL } from '../control.js'
import { policyFrom } from '../execution-policy.js'
import { FOLDERS, runDirOf, runIdOf, runsDirOf } from '../runs.js'
import { doorsOf } from '../serve-doors.js'
import { tellRun } from '../tell-run.js'
import { windowFiles } from '../window-files.js'

const USAGE = 'serve [RUN | --runs DIR] [--port N] [--host H]'
const PORT = 8080
const VERSION = '0.1.0'

/** `polaris serve`: the window and its API, over one run or all runs of a folder. */
export const serveCommand: Command = {
  name: 'serve',
  summary: 'serve runs over HTTP: API, live stream, and the window with time travel',
  usage: USAGE,
  example: 'serve runs/demo',
  options: {
    runs: { type: 'string' },
    port: { type: 'string' },
    host: { type: 'string' },
    'allow-host': { type: 'string', multiple: true },
  },
  help: {
    RUN: 'the run that is shown first (default: all of the runs directory, the newest first)',
    '--runs DIR': 'all runs of a folder',
    '--port N': `where it listens (default ${PORT}; 0: a free one)`,
    '--host H': 'at which address (default 127.0.0.1); any other needs a key for reading too',
    '--allow-host NAME': 'another name that the server may be called by (repeatable)',
  },
  run: async call => {
    const { values, positionals } = call
    const word = positionals[0]
    if (word !== undefined && textOf(values, 'runs') !== undefined)
      throw new Refusal('usage', 'a run and a folder of runs', 'command line', USAGE)
    const host = textOf(values, 'host') ?? '127.0.0.1'
    const keys = keysFrom(process.env)
    const isLoopback = host === 'localhost' || host === '127.0.0.1' || host === '::1'
    if (!isLoopback && keys.read.length === 0)
      throw new Refusal(
        'no-key',
        `${host} is open to others, and nothing asks them for a key`,
        '--host',
        'POLARIS_READ_KEYS (comma between), and POLARIS_API_KEY for writes',
      )
    const list = listOf(call, word)
    if ((await list()).length === 0)
      throw new Refusal('no-run', 'there is no run', runsDirOf(values), "see 'polaris run --help'")
    const window = windowFiles()
    const { app } = await serverOf({
      ...{ list, keys, window, version: VERSION, note: call.note },
      hosts: [...LOOPBACK, ...(isLoopback ? [] : [host]), ...textsOf(values, 'allow-host')],
      isAlive,
      tell: tellRun,
      policy: policyFrom(process.env),
      doors: doorsOf(call, async () => {
        for (const { run } of await list())
          if (isAlive(run))
            await tellRun(run, { command: 'reload', by: 'rules' }).catch(() => undefined)
      }),
      nowMs: () => Date.now(),
    })
    const port = wholeOf(values, 'port') ?? PORT
    const base = await app.listen({ host, port }).catch((error: unknown) => {
      const why = error instanceof Error ? error.message : String(error)
      throw new Refusal('port', why, `${host}:${port}`, 'a port that is free')
    })
    call.say(`serving at ${base}; Ctrl-C ends it`)
    if (window === undefined)
      call.say("the window is not built: 'npm run build' builds it; the API works without")
    if (keys.write === undefined) call.say('read-only: POLARIS_API_KEY lets clients write')
    if (values['json'] === true) call.stream({ serving: base, window: window !== undefined })
    await new Promise<void>(done => {
      if (call.stop.aborted) done()
      call.stop.addEventListener('abort', () => {
        done()
      })
    })
    await app.close()
    return { code: 0, json: { base, window: window !== undefined } }
  },
}

/** Whether a process runs a run that takes commands. */
const isAlive = (dir: string): boolean => existsSync(join(dir, CONTROL))

/** The runs that are served: one, or those of a folder, the newest first. */
function listOf({ values }: Call, word: string | undefined): () => Promise<readonly ListedRun[]> {
  if (word !== undefined) {
    const dir = resolve(runDirOf(word, values))
    const name = runIdOf(dir)
    return async () => {
      if (!(await FOLDERS.hasBegun(dir))) return []
      return [{ ...(await FOLDERS.info(dir)), name, run: dir }]
    }
  }
  const folder = resolve(textOf(values, 'runs') ?? runsDirOf(values))
  const store = folderStore(folder)
  const startedOf = ({ manifest }: ListedRun): number => manifest?.startedUs ?? 0
  return async () =>
    [...(await store.list())].sort(
      (a, b) => startedOf(b) - startedOf(a) || (a.name < b.name ? -1 : 1),
    )
}

/** The keys of the environment. */
function keysFrom(env: NodeJS.ProcessEnv): { write: string | undefined; read: readonly string[] } {
  const write = env['POLARIS_API_KEY']
  if (write !== undefined && write.length < KEY_MIN)
    throw new Refusal('key', 'a key that is guessed', 'POLARIS_API_KEY', `${KEY_MIN} characters`)
  const read = (env['POLARIS_READ_KEYS'] ?? '').split(',').filter(key => key !== '')
  if (read.some(key => key.length < KEY_MIN))
    throw new Refusal('key', 'a key that is guessed', 'POLARIS_READ_KEYS', `${KEY_MIN} characters`)
  return { write, read }
}

/** Fewest characters of a key. */
const KEY_MIN = 16
