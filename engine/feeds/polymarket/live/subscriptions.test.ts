import t from 'tap'
import { SOCKET_RULES } from '#engine/transport/kept-socket.js'
import { Subscriptions } from './subscriptions.js'
import { channelServer, type Channel } from '#engine/transport/testing/channel.js'
import { later, until } from '#engine/transport/testing/loopback.js'

const RULES = { ...SOCKET_RULES, backoffMs: 10 }

async function subscribing(
  t: { readonly teardown: (done: () => Promise<void>) => void },
  perConnection = 3,
) {
  const channel: Channel = await channelServer()
  const seen = { opened: [] as number[], lost: [] as number[], frames: [] as string[] }
  const subscriptions = new Subscriptions(
    channel.url,
    {
      frame: (bytes, { number }) => seen.frames.push(`${number} ${bytes.toString()}`),
      lost: ({ number }) => seen.lost.push(number),
      opened: ({ number }) => seen.opened.push(number),
      silent: () => undefined,
    },
    { rules: RULES, chance: () => 0, perConnection },
  )
  t.teardown(async () => {
    subscriptions.close()
    await channel.close()
  })
  const messages = (k: number) => (channel.said[k] ?? []).map(text => JSON.parse(text) as object)
  return { channel, seen, subscriptions, messages }
}

const first = (...assets_ids: string[]) => ({
  ...{ assets_ids, type: 'market', custom_feature_enabled: true },
})
const more = (...assets_ids: string[]) => ({
  ...{ assets_ids, operation: 'subscribe', custom_feature_enabled: true },
})

void t.test(
  'the first message has a form of its own; later ones subscribe and unsubscribe',
  async t => {
    const { subscriptions, messages, seen } = await subscribing(t)
    subscriptions.add(['1'])
    subscriptions.add(['2', '1', '2'])
    await until(() => messages(0).length === 1)
    t.same(messages(0), [first('1', '2')], 'what is added before it is open comes with the first')
    t.same(seen.opened, [1])
    subscriptions.add(['2', '3'])
    subscriptions.remove(['1', 'unknown'])
    await until(() => messages(0).length === 3)
    t.same(messages(0).slice(1), [more('3'), { operation: 'unsubscribe', assets_ids: ['1'] }])
    t.same([...(subscriptions.shards[0]?.awaited ?? [])], ['2', '3'])
    t.equal(subscriptions.shardOf('1'), undefined)
    subscriptions.remove(['1'])
    subscriptions.add(['3'])
    await later(30)
    t.equal(messages(0).length, 3, 'what changes nothing is not said')
  },
)

void t.test(
  'assets are spread over connections; room is used before another is opened',
  async t => {
    const { subscriptions, messages, seen, channel } = await subscribing(t)
    subscriptions.add(['1', '2', '3', '4', '5', '6', '7'])
    t.ok(await until(() => [0, 1, 2].every(k => messages(k).length === 1)))
    const all = [0, 1, 2].map(k => (messages(k)[0] as ReturnType<typeof first>).assets_ids)
    t.same(
      all.sort((a, b) => Number(a[0]) - Number(b[0])),
      [['1', '2', '3'], ['4', '5', '6'], ['7']],
    )
    subscriptions.remove(['2'])
    subscriptions.add(['8', '9'])
    t.equal(subscriptions.shardOf('8')?.number, 1)
    t.equal(subscriptions.shardOf('9')?.number, 3)
    t.equal(subscriptions.shards.length, 3)
    t.same(seen.opened.length, 3)
    channel.sockets[0]?.send('x')
    t.ok(await until(() => seen.frames.length === 1))
  },
)

void t.test('after a loss everything is subscribed again, on that connection only', async t => {
  const { subscriptions, messages, seen, channel } = await subscribing(t, 2)
  subscriptions.add(['1', '2', '3'])
  await until(() => seen.opened.length === 2 && messages(0).length + messages(1).length === 2)
  subscriptions.shards[0]?.awaited.clear()
  const k = messages(0).some(one => 'assets_ids' in one && String(one.assets_ids) === '1,2') ? 0 : 1
  channel.sockets[k]?.terminate()
  await until(() => seen.lost.length === 1)
  subscriptions.remove(['1'])
  subscriptions.add(['4'])
  t.ok(await until(() => messages(2).length === 1))
  t.same(messages(2), [first('2', '4')], 'with what changed while it was lost')
  t.same([...(subscriptions.shards[0]?.awaited ?? [])], ['2', '4'], 'books are awaited again')
  t.same(seen.lost, [1])
  t.equal(channel.said.length, 3)
})

void t.test(
  'a connection without assets asks for nothing, and then as for the first time',
  async t => {
    const { subscriptions, messages, seen, channel } = await subscribing(t)
    subscriptions.add(['1'])
    await until(() => messages(0).length === 1)
    subscriptions.remove(['1'])
    channel.sockets[0]?.terminate()
    t.ok(await until(() => seen.opened.length === 2))
    await later(20)
    t.same(messages(1), [])
    subscriptions.add(['2'])
    t.ok(await until(() => messages(1).length === 1))
    t.same(messages(1), [first('2')])
  },
)

void t.test('once it is closed nothing is opened any more', async t => {
  const { subscriptions, channel } = await subscribing(t)
  subscriptions.add(['1'])
  await until(() => channel.said.length === 1)
  subscriptions.close()
  subscriptions.add(['2', '3', '4', '5'])
  await later(50)
  t.equal(channel.said.length, 1)
  t.equal(subscriptions.shards.length, 1)
})
