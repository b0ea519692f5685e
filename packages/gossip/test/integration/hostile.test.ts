import type { Stream } from '@libp2p/interface'
import type { TestNode } from '@p2pshare/testkit'
import { createTestnet } from '@p2pshare/testkit'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { FrameReader, withLength } from '../../src/links/frame-reader.ts'
import { MAX_MESSAGE_BYTES } from '../../src/membership/bounds.ts'
import type { Claim } from '../../src/membership/types.ts'
import { decodeClaim } from '../../src/wire/claim-codec.ts'
import { decodeMessage, encodeMessage } from '../../src/wire/frame-codec.ts'
import { createSigner } from '../support/claims.ts'
import type { Signer } from '../support/claims.ts'
import { MEMBERSHIP, alive, createStar, onTcp, seenBy, stopNet, until } from '../support/network.ts'
import type { Net } from '../support/network.ts'

/** Four honest nodes, and each time another one that is connected to the first and says what it likes. */
let net: Net
let rude: TestNode
let rudeNodes = 0
let signer: Signer
let stream: Stream

beforeAll(async () => {
  net = await createStar(4)
})
afterAll(async () => stopNet(net))

beforeEach(async () => {
  signer = await createSigner()
  const strangers = await createTestnet({ nodes: 1, seed: `rude ${rudeNodes++}`, libp2p: onTcp })
  rude = strangers.node(0)
  await rude.dial(net.node(0).getMultiaddrs())
  stream = await rude.dialProtocol(net.node(0).peerId, MEMBERSHIP)
})
afterEach(async () => rude.stop())

const claimOf = (wire: Uint8Array): Claim => ({
  kind: 'alive',
  subject: 0,
  incarnation: 1,
  signer: 0,
  id: 1,
  bytes: wire.byteLength,
  wire
})
const push = (...wires: Uint8Array[]): void => {
  stream.send(withLength(encodeMessage({ type: 'push', hops: 1, claims: wires.map(claimOf) })))
}
const honest = (): string[] => net.nodes.map(({ peerId }) => peerId.toString())

/** Everybody honest is alive for everybody honest, and nobody else is there. */
function isUnharmed(): boolean {
  return net.nodes.every((node) => {
    const members = node.services.gossip.members()
    return (
      members.length === 3 && members.every(({ id, state }) => state === 'alive' && honest().includes(id.toString()))
    )
  })
}

let load = 0

/** Later news gets through: whatever was sent before has been dealt with. */
async function stillWorks(): Promise<void> {
  const [first, second, ...others] = net.nodes
  load = (load + 1) % 100
  second?.services.gossip.setMetadata({ load })
  const see = [first, ...others].flatMap((node) => node ?? [])
  await until(() => see.every((node) => second !== undefined && seenBy(node, second)?.metadata?.load === load))
}

describe('what is forged changes nothing and ends the link', () => {
  const bytesOf = (node: number): Uint8Array => net.node(node).peerId.toMultihash().bytes

  test.each<[string, () => Promise<Uint8Array>]>([
    [
      'a goodbye of another',
      async () => (await signer.sign({ kind: 'left', subject: bytesOf(1), incarnation: 2 ** 52 })).wire
    ],
    ['a life of another', async () => (await signer.sign({ subject: bytesOf(1), incarnation: 2 ** 52 })).wire],
    [
      'a vote of another',
      async () => {
        const incarnation = seenBy(net.node(0), net.node(1))?.incarnation ?? 0
        const accuser = bytesOf(2)
        return (await signer.sign({ kind: 'suspect', subject: bytesOf(1), accuser, evidence: 'closed', incarnation }))
          .wire
      }
    ],
    ['a life of this node', async () => (await signer.sign({ subject: bytesOf(0), incarnation: 2 ** 52 })).wire],
    ['a claim of another network', async () => (await (await createSigner('elsewhere')).sign({})).wire],
    [
      'a claim with a bit changed',
      async () => {
        const { wire } = await signer.sign({ incarnation: 77 })
        return wire.with(wire.byteLength - 1, (wire.at(-1) ?? 0) ^ 1)
      }
    ]
  ])('%s', async (_, forge) => {
    push(await forge())
    await until(() => stream.status !== 'open')
    await stillWorks()
    expect(isUnharmed()).toBe(true)
    await expect(rude.dialProtocol(net.node(0).peerId, MEMBERSHIP).then(isStillOpen)).resolves.toBe(false)
  })

  async function isStillOpen(again: Stream): Promise<boolean> {
    await until(() => again.status !== 'open')
    return false
  }
})

test.each<[string, () => Uint8Array[]]>([
  ['random frames', () => Array.from({ length: 20 }, () => withLength(net.random.bytes(30)))],
  ['random bytes', () => [net.random.bytes(MAX_MESSAGE_BYTES + 100)]],
  ['frames of the largest size with nothing in them', () => [withLength(new Uint8Array(MAX_MESSAGE_BYTES))]]
])('%s change nothing', async (_, make) => {
  for (const bytes of make()) {
    if (stream.status === 'open') {
      stream.send(bytes)
    }
  }
  await until(() => stream.status !== 'open')
  await stillWorks()
  expect(isUnharmed()).toBe(true)
})

test('what was said long ago, and is said again, changes nothing', async () => {
  const reader = new FrameReader()
  const heard: Uint8Array[] = []
  stream.addEventListener('message', ({ data }) => {
    reader.push(data)
    for (let frame = reader.next(); frame !== undefined; frame = reader.next()) {
      const message = decodeMessage(frame)
      heard.push(...('claims' in message ? message.claims : []))
    }
  })
  // a newcomer asks for everything
  stream.send(withLength(encodeMessage({ type: 'digest', members: 0, buckets: [0] })))
  await until(() => heard.length >= 4)
  await stillWorks()
  const incarnations = net.nodes.map((node) => seenBy(node, net.node(2))?.incarnation)
  for (let time = 0; time < 20; time++) {
    push(...heard)
  }
  await stillWorks()
  expect(net.nodes.map((node) => seenBy(node, net.node(2))?.incarnation)).toEqual(incarnations)
  expect(isUnharmed()).toBe(true)
})

test('a flood of good frames and of claims that are good and foolish leaves the others alone', async () => {
  const { wire } = await signer.sign({
    kind: 'suspect',
    subject: signer.bytes,
    accuser: signer.bytes,
    evidence: 'silent'
  })
  expect(decodeClaim(wire).kind).toBe('suspect')
  const frame = withLength(
    encodeMessage({ type: 'push', hops: 1, claims: Array.from({ length: 200 }, () => claimOf(wire)) })
  )
  stream.maxWriteBufferLength = Infinity
  for (let sent = 0; sent < 400 && stream.status === 'open'; sent++) {
    stream.send(frame)
  }
  await stillWorks()
  expect(alive(net.node(0))).toHaveLength(3)
  expect(isUnharmed()).toBe(true)
})
