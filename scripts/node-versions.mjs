// Replay identity across Node versions: each makes the demo, all heads must be one, and each replays and verifies the run
// that this Node made. The versions come from the npm package `node`.
import { spawnSync } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const MAIN = resolve(import.meta.dirname, '..', 'dist', 'cli', 'main.js')
const versions = process.argv.slice(2)
const dir = mkdtempSync(join(tmpdir(), 'polaris-nodes-'))
const own = join(dir, 'own')

const first = facts(process.execPath, ['demo', '--out', own])
let passed = 0
for (const version of versions) {
  const node = execPathOf(version)
  const demo = facts(node, ['demo', '--out', join(dir, `demo-${version}`)])
  const replay = facts(node, ['replay', own, '--verify'])
  const verify = facts(node, ['verify', own, '--head', first.head])
  const holds = demo.head === first.head && replay.identical === true && verify.status === 'intact'
  console.log(
    `${holds ? 'ok' : 'NOT OK'}  Node ${version} (${node}): head ${demo.head.slice(0, 16)}…`,
  )
  if (holds) passed++
}
console.log(`${passed} passed, ${versions.length - passed} failed`)
process.exit(passed === versions.length ? 0 : 1)

function execPathOf(version) {
  if (process.versions.node.split('.')[0] === version) return process.execPath
  const words = ['-y', '-p', `node@${version}`, 'node', '-p', 'process.execPath']
  return run('npx', words).trim().split('\n').pop()
}

function facts(node, words) {
  return JSON.parse(
    run(node, [MAIN, ...words, '--json'])
      .trim()
      .split('\n')
      .pop(),
  )
}

function run(command, words) {
  const done = spawnSync(command, words, { encoding: 'utf8' })
  if (done.status !== 0)
    throw new Error(`${command} ${words.join(' ')}: ${done.stdout}${done.stderr}`)
  return done.stdout
}
