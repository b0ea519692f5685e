import { mkdir, writeFile } from 'node:fs/promises'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import type { DhtCollaborators } from '@p2pshare/dht'
import { transfer } from '@p2pshare/transfer'
import type { TransferCollaborators } from '@p2pshare/transfer'
import { expect, onTestFinished, test } from 'vitest'
import { createLightNode } from '../src/index.ts'
import type { LightServices } from '../src/index.ts'
import { fetchAll, startNode } from './nodes.ts'
import { tempDirectory } from './temp.ts'

test('who is alive is told to the DHT and to transfers before they start', async () => {
  const told: (DhtCollaborators | TransferCollaborators)[] = []
  const membership = { members: () => [], member: () => undefined } as unknown as NonNullable<LightServices['gossip']>
  const hears = {
    use: (collaborators: DhtCollaborators | TransferCollaborators) => {
      told.push(collaborators)
    }
  }
  const node = await createLightNode<LightServices>({
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: {
      gossip: () => membership,
      dht: () => hears as unknown as NonNullable<LightServices['dht']>,
      transfer: (components) => Object.assign(transfer()(components), hears)
    }
  })
  onTestFinished(async () => node.stop())
  expect(told).toHaveLength(2)
  expect(told[0]?.membership).toBe(membership)
  expect(told[1]).toMatchObject({ membership, exchange: membership })
})

test('two sharers of one root know of each other what they have', async () => {
  const path = await tempDirectory()
  const [one, other] = [await startNode(), await startNode()]
  await mkdir(`${path}/out`)
  await writeFile(`${path}/a.bin`, new Uint8Array(100_000).fill(7))
  const { root, ticket } = await one.share(`${path}/a.bin`)
  const found = Promise.withResolvers<unknown>()
  const controller = new AbortController()
  onTestFinished(() => {
    controller.abort()
  })
  const watch = async (): Promise<void> => {
    for await (const peer of one.services.gossip.exchange(root, { signal: controller.signal })) {
      if (peer.have?.held === peer.have?.leaves) {
        found.resolve(peer.id)
      }
    }
  }
  void watch()
  await fetchAll(other, ticket, { output: `${path}/out` })
  expect(await found.promise).toEqual(other.peerId)
})
