import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { chromium, type Browser } from 'playwright-core'

const ROOT = resolve(import.meta.dirname, '..', '..', '..')
/** The built page. */
export const WINDOW = resolve(ROOT, 'dist', 'window')
const PLACES = [
  ...(process.env['CHROMIUM'] === undefined ? [] : [process.env['CHROMIUM']]),
  ...['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'],
]

/** Why there is nothing to test here; undefined where there is. */
export function missing(): string | undefined {
  if (!existsSync(resolve(WINDOW, 'index.html'))) return 'the window is not built: npm run build'
  if (!PLACES.some(existsSync)) return 'no chromium here: CHROMIUM names one'
  return undefined
}

/** A browser of this machine, without a display. */
export async function launched(): Promise<Browser> {
  const executablePath = PLACES.find(existsSync)
  if (executablePath === undefined) throw new Error('no chromium')
  // In a container everybody is root, and there the sandbox of the browser does not start.
  const isRoot = process.getuid?.() === 0
  return await chromium.launch({ executablePath, args: isRoot ? ['--no-sandbox'] : [] })
}
