import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import type { Libp2p } from '@libp2p/interface'
import { identify } from '@libp2p/identify'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { lpStream } from '@libp2p/utils'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import type { Multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { afterEach, expect, test } from 'vitest'
import { MAX_PENDING_ASKS } from '../../src/reachability/constants.ts'
import { DIAL_BACK_PROTOCOL, ReachabilityMonitor } from '../../src/reachability/index.ts'
import type { OwnAddress, ReachabilityComponents, ReachabilityInit } from '../../src/reachability/index.ts'
import { decodeAnswer, decodeAsk, encodeAnswer, encodeAsk } from '../../src/reachability/dial-back/wire.ts'
import { until } from '../support/network.ts'

type Node = Libp2p<{ identify: unknown; monitor: ReachabilityMonitor }>

const cleanup: (() => Promise<void>)[] = []

afterEach(async () => {
  await Promise.all(cleanup.splice(0).map(async (close) => close()))
})

/** A port that nothing listens on. */
async function closedPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

async function createNode(init: ReachabilityInit = {}, appendAnnounce: string[] = []): Promise<Node> {
  const node: Node = await createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'], appendAnnounce },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: {
      identify: identify(),
      monitor: (components: ReachabilityComponents) => new ReachabilityMonitor(components, init)
    }
  })
  cleanup.push(async () => node.stop())
  return node
}

/** Without a verifier of ours. */
async function createPlain(): Promise<Libp2p> {
  const node = await createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: { identify: identify() }
  })
  cleanup.push(async () => node.stop())
  return node
}

const asksAll: ReachabilityInit = { isWorthAsking: () => true }
const asksNothing: ReachabilityInit = { isWorthAsking: () => false }

function listenAddress(node: Libp2p): Multiaddr {
  const [address] = node.getMultiaddrs()
  if (address === undefined) {
    throw new TypeError('listens nowhere')
  }
  return address
}

function view(node: Node): Record<string, string> {
  const port = (address: Multiaddr): string => address.toString().replace(/.*\/tcp\/(\d+).*/, '$1')
  return Object.fromEntries(
    node.services.monitor.addresses().map(({ address, reachability }) => [port(address), reachability])
  )
}

test('an address that a peer dialled back is verified, and the connections there were stay', async () => {
  const node = await createNode(asksAll)
  const verifier = await createNode(asksNothing)
  const told: (readonly OwnAddress[])[] = []
  node.services.monitor.addEventListener('address:change', ({ detail }) => told.push(detail))
  const connection = await node.dial(listenAddress(verifier))
  await until(() => node.services.monitor.addresses().every(({ reachability }) => reachability === 'verified'))
  expect(told.at(-1)?.[0]?.verifiedAt).toBeGreaterThan(0)
  await until(() => verifier.getConnections().length === 1)
  expect(connection.status).toBe('open')
})

test('a connection that only tries an address is known as such at both ends, and no other is', async () => {
  const node = await createNode(asksAll)
  const verifier = await createNode(asksNothing)
  const seen = { node: [] as boolean[], verifier: [] as boolean[] }
  for (const [name, one] of [
    ['node', node],
    ['verifier', verifier]
  ] as const) {
    one.addEventListener('connection:open', ({ detail }) => {
      seen[name].push(one.services.monitor.isDialBack(detail))
    })
  }
  const first = await node.dial(listenAddress(verifier))
  await until(() => node.services.monitor.addresses().every(({ reachability }) => reachability === 'verified'))
  await until(() => verifier.getConnections().length === 1)
  expect(seen).toEqual({ node: [false, true], verifier: [false, true] })
  expect(node.services.monitor.isDialBack(first)).toBe(false)
})

test('an address where nobody answers is unreachable once two peers tried, and nobody is asked for ever', async () => {
  const port = await closedPort()
  const node = await createNode(asksAll, [`/ip4/127.0.0.1/tcp/${port}`])
  for (const verifier of [await createNode(asksNothing), await createNode(asksNothing)]) {
    await node.dial(listenAddress(verifier))
  }
  await until(() => view(node)[port] === 'unreachable')
  const [own] = node.services.monitor.addresses().filter(({ reachability }) => reachability === 'unreachable')
  expect(own?.unreachableAt).toBeGreaterThan(0)
})

test('an address where somebody else answers is unreachable', async () => {
  const stranger = await createNode(asksNothing)
  const elsewhere = listenAddress(stranger)
    .toString()
    .replace(/\/p2p.*/, '')
  const node = await createNode(asksAll, [elsewhere])
  for (const verifier of [await createNode(asksNothing), await createNode(asksNothing)]) {
    await node.dial(listenAddress(verifier))
  }
  await until(() => Object.values(view(node)).includes('unreachable'))
})

test('a peer that says it dialled and did not is not believed', async () => {
  const node = await createNode(asksAll)
  const liar = await createPlain()
  const lied = new Promise<void>((resolve) => {
    void liar.handle(DIAL_BACK_PROTOCOL, async (stream) => {
      const messages = lpStream(stream)
      decodeAsk((await messages.read()).subarray())
      await messages.write(encodeAnswer('ok'))
      await stream.close()
      resolve()
    })
  })
  await node.dial(listenAddress(liar))
  await lied
  expect(node.services.monitor.addresses().map(({ reachability }) => reachability)).toEqual(['local'])
})

test('a node that another one asks about a third refuses', async () => {
  const asker = await createNode(asksNothing)
  const verifier = await createNode(asksNothing)
  const connection = await asker.dial(listenAddress(verifier))
  const stream = await connection.newStream(DIAL_BACK_PROTOCOL)
  const messages = lpStream(stream)
  await messages.write(encodeAsk({ address: multiaddr('/ip4/5.5.1.1/tcp/4001'), nonce: new Uint8Array(16) }))
  expect(decodeAnswer((await messages.read()).subarray())).toBe('refused')
})

test('as many questions are under way as the bound, and the next one when one was answered', async () => {
  const addresses = Array.from({ length: MAX_PENDING_ASKS + 1 }, (_, n) => `/ip4/127.0.0.1/tcp/${n + 1}`)
  const node = await createNode(asksAll, addresses)
  const answers: (() => Promise<void>)[] = []
  for (const _ of addresses) {
    const silent = await createPlain()
    await silent.handle(DIAL_BACK_PROTOCOL, async (stream) => {
      const messages = lpStream(stream)
      await messages.read()
      answers.push(async () => messages.write(encodeAnswer('refused')))
    })
    await node.dial(listenAddress(silent))
  }
  await until(() => answers.length === MAX_PENDING_ASKS)
  node.services.monitor.refresh()
  expect(answers).toHaveLength(MAX_PENDING_ASKS)
  await answers[0]?.()
  await until(() => answers.length === MAX_PENDING_ASKS + 1)
})
