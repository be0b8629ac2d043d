import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { dice } from '../testing/builders.js'
import { FaultyDisk } from '../testing/faulty-disk.js'
import { keyPair, SAMPLE_DIR, sampleRun } from '../testing/sample-run.js'
import { verifyRun, type Verdict, type VerifyOptions } from './verify.js'

const FIRST = `${SAMPLE_DIR}/events-000001.jsonl`
const SECOND = `${SAMPLE_DIR}/events-000002.jsonl`
const MANIFEST = `${SAMPLE_DIR}/manifest.json`
const WITNESS = `${SAMPLE_DIR}/head.json`
type Files = ReadonlyMap<string, Buffer>

const verdictOn = (files: Files, options: VerifyOptions = {}): Promise<Verdict> =>
  verifyRun(SAMPLE_DIR, { ...options, disk: FaultyDisk.of(files) })

const withFile = (files: Files, path: string, content: Uint8Array): Map<string, Buffer> =>
  new Map([...files, [path, Buffer.from(content)]])

/** How a byte is changed: in every way in the long tests, else to a line break or in one of the others, by turns. */
function masksOf(value: number, byte: number): number[] {
  const masks = [value ^ 10, 1, 32, 128, value]
  return process.env['POLARIS_LONG'] === '1' ? masks : [masks[byte % masks.length]!]
}

/** Whole lines, and the rest where there is one. */
const linesOf = (content: Buffer): Buffer[] => {
  const lines: Buffer[] = []
  for (let at = 0; at < content.length;) {
    const end = content.indexOf(10, at) + 1 || content.length
    lines.push(content.subarray(at, end))
    at = end
  }
  return lines
}

/** Fails unless the verdict is damaged, at this line where one is given. */
function isDamaged(
  t: Test,
  verdict: Verdict,
  name: string,
  at?: [file: string, line: number],
): void {
  const { status, firstBad } = verdict
  if (status !== 'damaged' || !firstBad) return void t.fail(`${name}: ${JSON.stringify(verdict)}`)
  if (at && (!at[0].endsWith(firstBad.file) || firstBad.line !== at[1]))
    t.fail(`${name}: expected ${at.join(' line ')}, got ${JSON.stringify(firstBad)}`)
}

void t.test('a sealed run as it was written is intact and proven to its end', async t => {
  const files = await sampleRun()
  t.ok(files.has(SECOND))
  const verdict = await verdictOn(files)
  t.match(verdict, { status: 'intact', sealed: true, lastSeq: 20, provenTo: 20, tornBytes: 0 })
  t.match(await verdictOn(files, { head: verdict.head }), { status: 'intact' })
  t.match(await verdictOn(files, { head: 'f'.repeat(64) }), { firstBad: { kind: 'head' } })
})

void t.test('every byte of every file, changed: damaged, and the line is named', async t => {
  const files = await sampleRun({ signKey: keyPair().secret })
  let flips = 0
  for (const [path, content] of files)
    for (let byte = 0; byte < content.length; byte++)
      for (const mask of masksOf(content[byte]!, byte)) {
        if (mask === 0) continue
        const changed = Buffer.from(content)
        changed[byte]! ^= mask
        const line = content.subarray(0, byte).toString('latin1').split('\n').length
        const at: [string, number] | undefined = path.includes('events') ? [path, line] : undefined
        const name = `${path} byte ${byte} xor ${mask}`
        isDamaged(t, await verdictOn(withFile(files, path, changed)), name, at)
        flips++
      }
  t.comment(`${flips} flips`)
})

void t.test('every line removed, doubled, swapped with the next, or spliced in', async t => {
  const files = await sampleRun()
  const foreign = await sampleRun({ runId: 'foreign', events: 40 })
  for (const path of [FIRST, SECOND]) {
    const lines = linesOf(files.get(path)!)
    const strange = linesOf(foreign.get(path)!)
    for (let i = 0; i < lines.length; i++) {
      const variants: Record<string, Buffer[]> = {
        removed: lines.toSpliced(i, 1),
        doubled: lines.toSpliced(i, 0, lines[i]!),
        swapped: lines.toSpliced(i, 2, ...[lines[i + 1] ?? Buffer.from('{}\n'), lines[i]!]),
        blank: lines.toSpliced(i, 0, Buffer.from('\n')),
        spliced: lines.toSpliced(i, 0, strange[(i * 7) % strange.length]!),
        emptied: lines.toSpliced(i, 1, Buffer.from('\n')),
      }
      for (const [name, variant] of Object.entries(variants)) {
        const verdict = await verdictOn(withFile(files, path, Buffer.concat(variant)))
        isDamaged(t, verdict, `${path} line ${i + 1} ${name}`)
      }
    }
  }
})

void t.test('every place a sealed run can be cut at', async t => {
  const files = await sampleRun()
  for (const [path, content] of files)
    for (let length = 0; length < content.length; length++) {
      if (path.endsWith('lock')) continue
      const verdict = await verdictOn(withFile(files, path, content.subarray(0, length)))
      isDamaged(t, verdict, `${path} cut to ${length}`)
    }
})

void t.test('every place an open run can be cut at', async t => {
  const files = await sampleRun({ isSealed: false })
  const last = [...files.keys()]
    .filter(path => path.includes('events'))
    .sort()
    .at(-1)!
  const { provenTo } = await verdictOn(files)
  t.ok(provenTo > 0)
  for (const [path, content] of files) {
    if (!path.includes('events')) continue
    for (let length = 0; length < content.length; length++) {
      const cut = content.subarray(0, length)
      const verdict = await verdictOn(withFile(files, path, cut))
      const whole = [...linesOf(cut)].filter(line => line.at(-1) === 10)
      const commit = whole.findLast(line => line.includes('{"commit":'))
      if (path !== last) isDamaged(t, verdict, `${path} cut to ${length}`)
      else {
        const lastSeq = commit ? Number(/"n":(\d+)/.exec(commit.toString())![1]) : provenTo
        const kept = commit ? cut.lastIndexOf(commit) + commit.length : 0
        const wanted = { status: 'intact', lastSeq, tornBytes: length - kept, provenTo } as const
        for (const [key, value] of Object.entries(wanted))
          if (verdict[key as keyof Verdict] !== value)
            t.fail(`cut to ${length}: ${JSON.stringify(verdict)}, expected ${key} ${value}`)
      }
    }
  }
})

void t.test('an open run that ends before what head.json saw is damaged', async t => {
  const files = await sampleRun({ isSealed: false })
  const closed = await sampleRun({ isSealed: false, events: 24 })
  const late = withFile(files, WITNESS, closed.get(WITNESS)!)
  const segment = [...files.keys()]
    .filter(path => path.includes('events'))
    .sort()
    .at(-1)!
  const lines = linesOf(files.get(segment)!)
  const { lastSeq } = await verdictOn(files)
  const shorter = withFile(late, segment, Buffer.concat(lines.slice(0, 3)))
  t.match(await verdictOn(files), { status: 'intact', lastSeq })
  isDamaged(t, await verdictOn(shorter), 'shorter than head.json')
})

void t.test('a byte changed anywhere in an open run is damage, before its last commit', async t => {
  const files = await sampleRun({ isSealed: false })
  for (const [path, content] of files) {
    if (!path.includes('events')) continue
    const isLast = !files.has(path.replace(/\d(?=\.jsonl)/, digit => String(Number(digit) + 1)))
    const safe = isLast ? content.lastIndexOf('\n{"commit"') : content.length
    for (let byte = 0; byte < safe; byte++) {
      const changed = Buffer.from(content)
      changed[byte]! ^= 4
      isDamaged(t, await verdictOn(withFile(files, path, changed)), `${path} byte ${byte}`)
    }
  }
})

void t.test('segments: missing, foreign, misnamed, none', async t => {
  const files = await sampleRun({ events: 40 })
  const foreign = await sampleRun({ runId: 'foreign', events: 40 })
  const names = [...files.keys()].filter(path => path.includes('events')).sort()
  t.ok(names.length > 2)
  for (const path of names) {
    const without = new Map(files)
    without.delete(path)
    isDamaged(t, await verdictOn(without), `${path} missing`)
    const swapped = withFile(files, path, foreign.get(path)!)
    isDamaged(t, await verdictOn(swapped), `${path} foreign`, [path === FIRST ? SECOND : path, 1])
  }
  isDamaged(t, await verdictOn(withFile(files, FIRST, files.get(SECOND)!)), 'misnamed', [FIRST, 1])
  const none = new Map([...files].filter(([path]) => !path.includes('events')))
  t.match(await verdictOn(none), { status: 'unreadable' })
  t.match(await verifyRun('/nowhere/at/all'), { status: 'unreadable' })
})

void t.test('a missing manifest is no damage; an edited or foreign one is', async t => {
  const files = await sampleRun()
  const without = new Map(files)
  without.delete(MANIFEST)
  t.match(await verdictOn(without), { status: 'intact', sealed: true, manifest: 'missing' })
  const longer = await sampleRun({ events: 24 })
  const foreign = await sampleRun({ runId: 'foreign' })
  for (const other of [longer, foreign])
    isDamaged(t, await verdictOn(withFile(files, MANIFEST, other.get(MANIFEST)!)), 'manifest')
  const open = await sampleRun({ isSealed: false })
  isDamaged(t, await verdictOn(withFile(open, MANIFEST, files.get(MANIFEST)!)), 'sealed by edit')
})

void t.test('anything behind the end of a run is damage', async t => {
  const files = await sampleRun()
  const names = [...files.keys()].filter(path => path.includes('events')).sort()
  const last = names.at(-1)!
  const content = files.get(last)!
  for (const more of ['x', '\n', '{"n":21,"t":0', content.subarray(content.indexOf(10) + 1)]) {
    const longer = Buffer.concat([content, Buffer.from(more)])
    isDamaged(t, await verdictOn(withFile(files, last, longer)), `behind: ${String(more)}`)
    const bare = new Map([
      [last, longer] as const,
      ...names.filter(n => n !== last).map(n => [n, files.get(n)!] as const),
    ])
    isDamaged(t, await verdictOn(bare), `behind, without manifest: ${String(more)}`)
  }
})

void t.test('random flips over a larger run, seeds 1 to 400', async t => {
  const files = await sampleRun({ events: 600, segmentBytes: 20_000, commitEvents: 32 })
  const names = [...files.keys()].filter(path => path.includes('events')).sort()
  for (let seed = 1; seed <= 400; seed++) {
    const roll = dice(seed)
    const path = names[roll(names.length)]!
    const changed = Buffer.from(files.get(path)!)
    const byte = roll(changed.length)
    changed[byte]! ^= 1 + roll(255)
    const line = files.get(path)!.subarray(0, byte).toString('latin1').split('\n').length
    isDamaged(t, await verdictOn(withFile(files, path, changed)), `seed ${seed}`, [path, line])
  }
})

void t.test('a signed seal is checked with its key, and with no other', async t => {
  const [ours, theirs] = [keyPair(), keyPair()]
  const signed = await sampleRun({ signKey: ours.secret })
  t.match(await verdictOn(signed), { status: 'intact' })
  t.match(await verdictOn(signed, { key: ours.open }), { status: 'intact' })
  t.match(await verdictOn(signed, { key: ours.secret }), { status: 'intact' })
  t.match(await verdictOn(signed, { key: theirs.open }), { firstBad: { kind: 'signature' } })
  t.match(await verdictOn(signed, { key: 'no key' }), { firstBad: { kind: 'signature' } })
  const plain = await sampleRun()
  t.match(await verdictOn(plain, { key: ours.open }), { firstBad: { kind: 'signature' } })
  const open = await sampleRun({ isSealed: false })
  t.match(await verdictOn(open, { key: ours.open }), { firstBad: { kind: 'signature' } })
})

void t.test('the example log of the format', async t => {
  const dir = fileURLToPath(new URL('../../../../engine/log/fixtures/vectors', import.meta.url))
  const verdict = await verifyRun(dir)
  t.match(verdict, { status: 'intact', sealed: false, lastSeq: 5, commits: 2, manifest: 'missing' })
})
