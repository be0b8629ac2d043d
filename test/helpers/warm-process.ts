import { createReadStream, openSync, writeSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { runCommandLine } from '#cli/command-line.js'

// The process behind `polarisWarm`: runs one command line after another, and keeps what each of them says.

const [asked = '', answered = ''] = process.argv.slice(2)
const said = { out: '', err: '' }
process.stdout.write = keeping('out')
process.stderr.write = keeping('err')

// In the order in which the other side opens them: each waits for the other.
const questions = createInterface({ input: createReadStream('', { fd: openSync(asked, 'r') }) })
const answers = openSync(answered, 'w')
for await (const question of questions) {
  said.out = said.err = ''
  const code = await runCommandLine(JSON.parse(question) as string[])
  writeWhole(`${JSON.stringify({ code, ...said })}\n`)
}
process.exit() // whoever asked has gone

function writeWhole(text: string): void {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length;) at += writeSync(answers, bytes, at)
}

function keeping(stream: 'out' | 'err'): typeof process.stdout.write {
  return (chunk: string | Uint8Array, ...rest: unknown[]): boolean => {
    said[stream] += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString()
    const told = rest.find(one => typeof one === 'function') as (() => void) | undefined
    if (told) queueMicrotask(told)
    return true
  }
}
