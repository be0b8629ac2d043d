import { createInterface } from 'node:readline'
import { answerToLine } from '#compat/book-sim/book-sim.js'

/** How the program goes wrong, and behind which answer. */
const [mode = 'honest', after = '0'] = process.argv.slice(2)
let told = 0

const wrongly: Readonly<Record<string, (answer: string) => void>> = {
  dies: () => process.exit(3),
  hangs: () => undefined,
  garbles: () => process.stdout.write('\u0000{{{\n'),
  halves: answer => process.stdout.write(answer.slice(0, 40)),
  lies: answer => process.stdout.write(`${answer.replace(/"fill_size":\d+/, '"fill_size":1')}\n`),
  lags: () => process.stdout.write(`${answerToLine('{"id":"0","payload":{}}')}\n`),
  refuses: answer => process.stdout.write(`${answer.replace('"ok":true', '"ok":false')}\n`),
}

createInterface({ input: process.stdin }).on('line', line => {
  const answer = answerToLine(line)
  if (answer === undefined) return
  const isWrong = told++ >= Number(after) && mode !== 'honest'
  if (isWrong) wrongly[mode]?.(answer)
  else process.stdout.write(`${answer}\n`)
})
