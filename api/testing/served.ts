import { resolve } from 'node:path'
import type { AddressInfo } from 'node:net'
import { folderStore } from '#engine/log/store/folder-store.js'
import { POLICY } from '../execution/policy.js'
import { serverOf, type ServerOptions } from '../server/app.js'
import { LOOPBACK } from '../server/guard.js'

const GOLDEN = resolve(import.meta.dirname, '..', '..', '..', 'test', 'golden-runs')
/** The key that may write in tests. */
export const KEY = 'a key for tests alone'

/** A server over a golden run, or another, on a port of the system's choice; and what it noted of faults of its own. */
export async function served(changes: Partial<ServerOptions> = {}, run = `${GOLDEN}/version-5`) {
  const store = folderStore()
  const notes: string[] = []
  const { app, desk } = await serverOf({
    list: async () => [{ ...(await store.info(run)), name: 'golden', run }],
    isAlive: () => false,
    tell: () => Promise.reject(new Error('no process runs this run')),
    policy: POLICY,
    doors: {},
    nowMs: () => Date.now(),
    keys: { write: KEY, read: [] },
    hosts: LOOPBACK,
    window: undefined,
    version: '0',
    note: line => notes.push(line),
    ...changes,
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo // it listens on a port
  const base = `http://127.0.0.1:${port}`
  return { app, desk, base, port, notes, close: () => app.close() }
}

/** Resolves once the run was read to its end. */
export async function isRead(base: string): Promise<void> {
  for (;;) {
    const status = (await (await fetch(`${base}/api/status`)).json()) as { is_read: boolean }
    if (status.is_read) return
    await new Promise(done => setTimeout(done, 20))
  }
}
