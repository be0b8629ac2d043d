import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { l1HeadersOf } from '#engine/gateways/polymarket/sign/auth.js'
import { signerOf } from '#engine/gateways/polymarket/sign/signer.js'
import { TEST_KEY } from '#engine/gateways/polymarket/sign/testing/vectors.js'
import { ending, startingWith } from './helpers/cli.js'
import { liveTwin } from './helpers/live-twin.js'

t.setTimeout(240_000) // some twenty processes, one after the other
const BUILDER = 'c2VjcmV0IG9mIGEgYnVpbGRlciwgbm90IG9mIGEga2V5'

t.test(
  'nothing that a live run leaves or says has the key, the API secret or its passphrase',
  async t => {
    t.setTimeout(230_000)
    const { base, dir, config, polarisWith } = await liveTwin(t, { scenario: 'quoting', speed: 4 })
    const { secret, passphrase } = await credentialsAt(base)
    const env = { POLARIS_PRIVATE_KEY: `0x${TEST_KEY}`, RAZOR_MODE: 'live' }
    const builder = {
      POLY_BUILDER_API_KEY: 'name',
      POLY_BUILDER_SECRET: BUILDER,
      POLY_BUILDER_PASSPHRASE: 'words-of-a-builder',
    }
    const said: string[] = []
    const heard = async (own: NodeJS.ProcessEnv, ...words: string[]): Promise<void> => {
      const { out, err } = await polarisWith(own, ...words)
      said.push(out, err)
    }
    const run = join(dir, 'runs', 'traded')
    const at = ['--venue', base, '--config', config, '--confirm-live', '--acks']
    const set = ['--set', 'strategy.names=["quoting"]', '--set', 'log.checkpoint_events=100']
    const words = ['--source', 'polymarket', '--mode', 'live', '--duration', '9s', '--out', run]
    const engine = startingWith({ ...env, ...builder }, 'run', ...words, ...at, ...set)
    const ended = ending(engine)
    await pause(4_000)
    await heard({}, 'command', run, 'note', 'what the socket answers')
    await heard(env, 'cancel-all', run, '--json')
    await heard({}, 'status', run, '--json')
    const { code, out, err } = await ended
    t.equal(code, 0, err)
    said.push(out, err)
    for (const verb of ['doctor', 'config', 'reconcile', 'livetest', 'market-trade'])
      for (const json of [[], ['--json']]) {
        const more =
          { doctor: ['--live'], livetest: ['--confirm-live'], reconcile: [run] }[verb] ?? []
        await heard(env, verb, ...more, ...json)
      }
    await heard({ ...env, ...builder }, 'builder-health', '--json')
    await heard({ ...env, POLARIS_API_SECRET: secret }, 'doctor', '--live', '--json')
    const wrong = { ...env, POLARIS_API_KEY: 'x', POLARIS_API_SECRET: secret }
    await heard({ ...wrong, POLARIS_API_PASSPHRASE: passphrase }, 'reconcile', run)
    await heard({ POLARIS_PRIVATE_KEY: `${TEST_KEY}0` }, 'cancel-all')
    await heard({ ...env, POLARIS_KEYSTORE: 'too' }, 'cancel-all', '--json')

    const files = filesIn(join(dir, 'runs'))
    t.ok(
      files.some(file => file.includes('checkpoint')),
      'checkpoints were kept',
    )
    t.ok(
      files.some(file => file.endsWith('.csv')),
      'views were written',
    )
    t.ok(files.length > 10 && said.join('').length > 10_000)
    const names = ['private key', 'API secret', 'API passphrase', 'builder secret', 'builder words']
    const values = [TEST_KEY, secret, passphrase, BUILDER, 'words-of-a-builder']
    const places = [...files.map(file => [file, readFileSync(file)] as const)]
    places.push(['what was said', Buffer.from(said.join('\n'))])
    t.ok(
      places.some(([, bytes]) => bytes.includes('"e":"OrderSigned')),
      'orders were signed',
    )
    const found = (where: readonly (readonly [string, Buffer])[]): string[] =>
      values.flatMap((value, k) =>
        formsOf(value).flatMap(form =>
          where.flatMap(([place, bytes]) =>
            bytes.includes(form) ? [`${names[k] ?? ''} in ${place}`] : [],
          ),
        ),
      )
    t.same(found(places), [])
    const planted = [`0x${TEST_KEY.toUpperCase()}`, Buffer.from(TEST_KEY, 'hex').toString('base64')]
    for (const text of [...planted, `a ${secret}.`, JSON.stringify({ passphrase })])
      t.not(found([['planted', Buffer.from(text)]]).length, 0, 'it would have been seen')
  },
)

/** A secret as it might slip out: as it is, in either case, as bytes in base64. */
function formsOf(value: string): string[] {
  const isHex = /^[0-9a-f]{64}$/.test(value)
  const bytes = isHex ? Buffer.from(value, 'hex') : Buffer.from(value)
  const base64 = [bytes.toString('base64'), Buffer.from(value).toString('base64')]
  // The end of base64 hangs on what follows it.
  const cores = base64.map(text => text.replace(/=+$/, '').slice(0, -1))
  const urlSafe = cores.map(text => text.replaceAll('+', '-').replaceAll('/', '_'))
  const cased = isHex ? [value.toUpperCase(), value.toLowerCase()] : []
  const decimal = isHex ? [BigInt(`0x${value}`).toString()] : []
  return [value, ...cased, ...cores, ...urlSafe, ...decimal, bytes.toString('latin1')]
}

/** What the twin gives the key's account: it is a function of the account. */
async function credentialsAt(base: string): Promise<{ secret: string; passphrase: string }> {
  const signer = signerOf(Uint8Array.from(Buffer.from(TEST_KEY, 'hex')))
  const timestampS = Math.floor(Date.now() / 1_000)
  const headers = l1HeadersOf(signer, { chainId: 137, timestampS, nonce: 0 })
  const answer = await fetch(`${base}/auth/derive-api-key`, { headers })
  return (await answer.json()) as { secret: string; passphrase: string }
}

function filesIn(dir: string): string[] {
  return readdirSync(dir).flatMap(name => {
    const path = join(dir, name)
    if (statSync(path).isDirectory()) return filesIn(path)
    return statSync(path).isFile() ? [path] : []
  })
}
