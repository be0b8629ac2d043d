import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import t from 'tap'
import { isRead, served } from '#api/testing/served.js'
import { launched, missing, WINDOW } from './helpers/browser.js'
import { ROOT } from './helpers/cli.js'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const SHOTS = process.env['POLARIS_SHOTS'] ?? mkdtempSync(join(tmpdir(), 'polaris-window-'))
const MAIN = join(ROOT, 'dist', 'cli', 'main.js')
const KEY = 'a key for this test alone'
const skip = missing() ?? false
mkdirSync(SHOTS, { recursive: true })

const shot = (page: Page, name: string) => page.screenshot({ path: join(SHOTS, `${name}.png`) })

/** A page that takes note of whatever the browser complains of. */
async function opened(
  base: string,
  size = { width: 1_400, height: 950 },
  scheme: 'dark' | 'light' = 'dark',
) {
  const browser = await launched()
  const context = await browser.newContext({
    viewport: size,
    colorScheme: scheme,
    bypassCSP: false,
  })
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('pageerror', error => complaints.push(error.message))
  page.on('console', said => {
    if (said.type() === 'error') complaints.push(said.text())
  })
  page.on('request', asked => {
    if (!asked.url().startsWith(base)) complaints.push(`asked ${asked.url()}`)
  })
  await page.goto(base)
  await page.getByTestId('seq').waitFor()
  return { browser, page, complaints }
}

const seqOn = async (page: Page): Promise<number> =>
  Number((await page.getByTestId('seq').textContent())?.replaceAll(',', ''))

const until = async (holds: () => Promise<boolean>): Promise<void> => {
  for (let k = 0; k < 200; k++) {
    if (await holds()) return
    await new Promise(done => setTimeout(done, 50))
  }
  throw new Error('it does not come')
}

/** Violations that keep somebody out. */
async function violations(page: Page): Promise<string[]> {
  // Evaluated by the browser's own tools, so the page's policy does not forbid it.
  await page.evaluate(AXE)
  const found = await page.evaluate<{
    violations: { id: string; impact: string; nodes: { html: string }[] }[]
  }>('axe.run()')
  return found.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 160) ?? ''}`)
}

t.test('a sealed run: time travel, pages, why, by keys alone', { skip }, async t => {
  t.setTimeout(120_000)
  const { base, close, notes } = await served({ window: WINDOW })
  t.teardown(close)
  const { browser, page, complaints } = await opened(base)
  t.teardown(() => browser.close())
  await isRead(base)
  const { seq: end } = (await (await fetch(`${base}/api/status`)).json()) as { seq: number }
  await until(async () => (await seqOn(page)) === end)
  const last = await seqOn(page)
  await shot(page, 'desk-dark')
  t.same(await violations(page), [], 'desk')

  await page.keyboard.press('[')
  await until(async () => (await seqOn(page)) < last)
  const stop = await seqOn(page)
  await page.keyboard.press('ArrowLeft')
  t.equal(await seqOn(page), stop - 1, 'one event back')
  await page.keyboard.press('ArrowRight')
  t.equal(await seqOn(page), stop)
  await page.keyboard.press('[')
  await until(async () => (await seqOn(page)) < stop)
  await page.keyboard.press(']')
  await until(async () => (await seqOn(page)) === stop)

  // What the page shows there is what the API says of that event.
  const slider = page.getByRole('slider', { name: 'event' })
  await slider.fill('1500')
  await until(async () => (await seqOn(page)) === 1_500)
  const moment = (await (await fetch(`${base}/api/moment?at=1500`)).json()) as {
    counters: { signals: number; fills: number }
  }
  const { signals, fills } = moment.counters
  const card = async (name: string) => await page.getByTestId(`card-${name}`).textContent()
  await until(async () => (await card('signals')) === String(signals))
  t.equal(await card('fills'), String(fills))
  await shot(page, 'time-travel')

  await page.locator('body').click({ position: { x: 4, y: 400 } })
  await page.keyboard.press('+')
  await page.keyboard.press(' ')
  await until(async () => (await seqOn(page)) > 1_600)
  await page.keyboard.press(' ')
  const paused = await seqOn(page)
  await page.waitForTimeout(300)
  t.equal(await seqOn(page), paused, 'stands where it was stopped')
  await page.keyboard.press('l')
  await until(async () => (await seqOn(page)) === last)

  await page.getByRole('group', { name: 'level' }).getByRole('button', { name: 'P3' }).click()
  await page.getByRole('group', { name: 'level' }).getByRole('button', { name: 'all' }).click()
  await page.waitForTimeout(400)
  await page.getByRole('region', { name: 'signals' }).locator('tr.opens').first().focus()
  await page.keyboard.press('Enter')
  await page.getByRole('group', { name: /events and their causes/ }).waitFor()
  await shot(page, 'why')
  t.same(await violations(page), [], 'why')
  await page.keyboard.press('Escape')

  await page.keyboard.press('2')
  await page.getByRole('heading', { name: 'Markets' }).waitFor()
  await page.getByRole('region', { name: 'markets' }).locator('tr.opens').first().waitFor()
  t.same(await violations(page), [], 'markets')
  await page.getByRole('region', { name: 'markets' }).locator('tr.opens').first().click()
  await page
    .getByRole('table', { name: /book of/ })
    .first()
    .waitFor()
  await page.locator('canvas.heat').waitFor()
  await page.waitForTimeout(500)
  await shot(page, 'market-dark')
  t.same(await violations(page), [], 'market')
  await page.locator('body').click({ position: { x: 4, y: 400 } })
  await page.keyboard.press('3')
  await page
    .getByRole('region', { name: 'orders', exact: true })
    .locator('tr.opens')
    .first()
    .click()
  await page.getByRole('region', { name: 'life of an order' }).waitFor()
  t.same(await violations(page), [], 'orders')
  await page.locator('body').click({ position: { x: 4, y: 400 } })
  await page.keyboard.press('4')
  await page.getByRole('heading', { name: 'Calibration' }).waitFor()
  t.same(await violations(page), [], 'health')
  await page.keyboard.press('?')
  await page.getByRole('dialog', { name: 'Keys' }).waitFor()
  await page.keyboard.press('Escape')
  t.same(complaints, [], 'nothing is complained of, nothing is loaded from elsewhere')
  t.same(notes, [])
})

t.test('in the light, on a phone', { skip }, async t => {
  t.setTimeout(120_000)
  const { base, close } = await served({ window: WINDOW })
  t.teardown(close)
  const { browser, page, complaints } = await opened(base, { width: 390, height: 844 }, 'light')
  t.teardown(() => browser.close())
  await isRead(base)
  const { seq: end } = (await (await fetch(`${base}/api/status`)).json()) as { seq: number }
  await until(async () => (await seqOn(page)) === end)
  await page.waitForTimeout(300)
  await shot(page, 'phone-light')
  const overflow = await page.evaluate('document.documentElement.scrollWidth > innerWidth + 1')
  t.equal(overflow, false, 'nothing hangs over the side')
  t.same(await violations(page), [])
  t.same(complaints, [])
})

t.test(
  'a run that goes on: the stream moves the page, and an order is judged and sent',
  { skip },
  async t => {
    t.setTimeout(120_000)
    const run = join(t.testdir(), 'run')
    const start = (words: readonly string[], env = {}) =>
      spawn(process.execPath, [MAIN, ...words], {
        ...{ stdio: ['ignore', 'pipe', 'ignore'], env: { ...process.env, ...env } },
      })
    const live = start([
      ...['run', '--source', 'sim:parity-busy', '--speed', '4', '--out', run],
      ...['--set', 'parity.min_edge_bps=40', '--set', 'views.live=false'],
    ])
    await until(async () => existsSync(join(run, 'control.sock')))
    const limits = { EXEC_MAX_NOTIONAL_PER_ORDER: '100000', EXEC_SLIPPAGE_BPS: '5000' }
    const server = start(['serve', run, '--port', '0', '--json'], {
      POLARIS_API_KEY: KEY,
      ...limits,
    })
    let out = ''
    server.stdout.setEncoding('utf8').on('data', (part: string) => (out += part))
    t.teardown(async () => {
      for (const child of [server, live]) {
        const over = new Promise(done => child.once('exit', done))
        child.kill('SIGINT')
        await over
      }
    })
    await until(async () => out.includes('serving'))
    const base = /"serving":"([^"]+)"/.exec(out)?.[1] ?? ''
    const { browser, page, complaints } = await opened(base)
    t.teardown(() => browser.close())
    const first = await seqOn(page)
    await until(async () => (await seqOn(page)) > first + 20)
    const rows = page.getByRole('region', { name: 'signals' }).locator('tr.opens')
    await rows.first().waitFor()
    await rows.first().getByRole('button', { name: 'order' }).click()
    await page.getByLabel('shares of each leg').fill('6')
    await page.getByLabel('key', { exact: true }).fill(KEY)
    await page.getByRole('button', { name: 'what does risk say?' }).click()
    await page.getByTestId('verdict').waitFor()
    await shot(page, 'order')
    t.same(await violations(page), [], 'order')
    const said = await page.getByTestId('verdict').textContent()
    if (said === 'Risk lets it through') {
      await page.getByRole('button', { name: /confirm/ }).click()
      await until(async () =>
        /sent|filled|rejected/.test((await page.getByTestId('verdict').textContent()) ?? ''),
      )
    } else t.equal(said, 'Risk refuses it')
    await page.keyboard.press('Escape')
    await page.waitForTimeout(500)
    await shot(page, 'live-dark')
    t.same(complaints, [])
  },
)
