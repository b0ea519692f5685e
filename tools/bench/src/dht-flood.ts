// npm run bench:dht-flood: a million ADD_PROVIDER messages from a hundred identities at one node; whether its store keeps
// its bounds, how fast it answers others meanwhile, and whether honest records are still there.
import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { identify } from '@libp2p/identify'
import type { Libp2p } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { PROTOCOL } from '@p2pshare/dht'
import { createLibp2p } from 'libp2p'
import { addProvider, getProviders } from './dht/kad-bytes.ts'
import { finish } from './harness/finish.ts'
import { packageVersion } from './harness/peers.ts'
import { goal, newReport } from './harness/report.ts'
import { percentile } from './harness/stats.ts'
import type { FloodOrder } from './peers/dht-flood.ts'

const SCRIPT = fileURLToPath(new URL('peers/dht-flood.ts', import.meta.url))

/** Threats: 200 MiB of records. */
const MAX_STORE_MIB = 200

/** An answer names some of the providers of a key, by chance: one of 100 is in half of the answers, so in one of these. */
const ASKS_EACH = 24

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '1000000' },
    identities: { type: 'string', default: '100' },
    keys: { type: 'string', default: '200' },
    json: { type: 'boolean', default: false },
    gate: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false }
  }
})
const [messages = 0, identities = 0, keyCount = 0] = [values.messages, values.identities, values.keys].map(Number)

interface Store {
  readonly count: number
  readonly keys: number
  readonly bytes: number
  readonly refused: number
  readonly rssMiB: number
}

const [victim, flooder] = await Promise.all([start('victim'), start('flooder')])
const honest = await createLibp2p({
  transports: [tcp()],
  connectionEncrypters: [noise()],
  streamMuxers: [yamux()],
  connectionGater: { denyDialMultiaddr: () => false },
  services: { identify: identify() }
})
const id = honest.peerId.toMultihash().bytes
const keys = Array.from({ length: keyCount }, () => Uint8Array.from(randomBytes(34)))
await exchange(
  honest,
  keys.map((key) => addProvider(key, id, multiaddr('/ip4/127.0.0.1/tcp/4001').bytes)),
  false
)
const isThere = async (key: Uint8Array): Promise<boolean> =>
  Buffer.from(await exchange(honest, [getProviders(key)], true)).includes(Buffer.from(id))
const before = await countThere()

const begun = performance.now()
const order: FloodOrder = {
  type: 'flood',
  address: victim.address,
  protocol: PROTOCOL,
  identities,
  each: Math.ceil(messages / identities),
  keys: keys.map((key) => Buffer.from(key).toString('hex'))
}
const flood = { isOver: false }
const flooding = (ask(flooder, order) as Promise<number>).finally(() => {
  flood.isOver = true
})
const answerMs: number[] = []
for (let n = 0; !flood.isOver; n++) {
  const asked = performance.now()
  await isThere(keys[n % keys.length] ?? new Uint8Array())
  answerMs.push(performance.now() - asked)
  await sleep(20)
}
const sent = await flooding
const seconds = (performance.now() - begun) / 1000
const store = (await ask(victim, { type: 'status' })) as Store
const survived = (await countThere()) / before

const storeMiB = store.bytes / 2 ** 20
const [getP50Ms, getP99Ms] = [percentile(answerMs, 50), percentile(answerMs, 99)]
await finish(
  newReport({
    name: 'dht-flood',
    title: 'A flood of provider records',
    setting:
      `${sent} ADD_PROVIDER messages from ${identities} identities, ten at a time, to one node with dht(), half of them about ` +
      `the ${keys.length} keys of an honest provider; meanwhile that one asks for its keys, ${answerMs.length} times. Flooder and ` +
      'asker are processes of their own on the same machine.',
    programs: { p2pshare: { version: packageVersion('@p2pshare/dht') ?? '', what: 'dht() with its defaults' } },
    columns: [
      { key: 'what', label: 'node' },
      { key: 'rate', label: 'messages/s' },
      { key: 'stored', label: 'records' },
      { key: 'refused', label: 'refused' },
      { key: 'storeMiB', label: 'store, MiB', digits: 1 },
      { key: 'rssMiB', label: 'process, MiB' },
      { key: 'getP50Ms', label: 'GET p50, ms', digits: 1 },
      { key: 'getP99Ms', label: 'p99, ms', digits: 1 }
    ],
    rows: [
      {
        what: 'p2pshare',
        rate: sent / seconds,
        stored: store.count,
        refused: store.refused,
        storeMiB,
        rssMiB: store.rssMiB,
        getP50Ms,
        getP99Ms
      }
    ],
    goals: [
      goal('MiB of records', storeMiB, '<=', MAX_STORE_MIB),
      goal('ms of a GET, p99', getP99Ms, '<=', 50),
      goal('% of honest records left', survived * 100, '>=', 99)
    ],
    leftOut: []
  }),
  { json: values.json, gate: values.gate, write: values.write },
  () => ({})
)
process.exit()

interface Peer {
  readonly child: ChildProcess
  readonly address: string
}

async function start(role: string): Promise<Peer> {
  const child = fork(SCRIPT, [role], { execArgv: ['--disable-warning=ExperimentalWarning'] })
  const [{ value }] = (await once(child, 'message')) as [{ value: string }]
  return { child, address: value }
}

/** One question at a time to each. */
async function ask({ child }: Peer, question: object): Promise<unknown> {
  const answered = once(child, 'message') as Promise<[{ value: unknown }]>
  child.send(question)
  const [{ value }] = await answered
  return value
}

async function countThere(): Promise<number> {
  let there = 0
  for (const key of keys) {
    for (let asked = 0; asked < ASKS_EACH; asked++) {
      if (await isThere(key)) {
        there++
        break
      }
    }
  }
  return there
}

/** Writes messages on a stream of its own, and returns what comes until the other end has answered or closed. */
async function exchange(node: Libp2p, parts: readonly Uint8Array[], answers: boolean): Promise<Uint8Array> {
  const stream = await node.dialProtocol(multiaddr(victim.address), PROTOCOL)
  const got: Uint8Array[] = []
  const ended = new Promise((resolve) => {
    stream.addEventListener('message', ({ data }) => {
      got.push(data.subarray())
    })
    stream.addEventListener('remoteCloseWrite', resolve, { once: true })
    stream.addEventListener('close', resolve, { once: true })
  })
  stream.send(Buffer.concat([...parts]))
  // the victim closes its side when it has read the end of ours
  await stream.close()
  await ended
  if (answers && got.length === 0) {
    throw new Error('the victim did not answer')
  }
  return Buffer.concat(got)
}
