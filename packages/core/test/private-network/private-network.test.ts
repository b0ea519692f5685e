import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { multiaddr } from '@multiformats/multiaddr'
import { describe, expect, test } from 'vitest'
import { createNetworkKey } from '../../src/index.ts'
import type { NodeOptions, P2PShareNode } from '../../src/index.ts'
import { fetchAll, startNode } from '../nodes.ts'
import { tempDirectory } from '../temp.ts'

const LISTEN = { tcp: '/ip4/127.0.0.1/tcp/0', udx: '/ip4/127.0.0.1/udp/0/utp' } as const
const DIALS = 8

async function newKey(): Promise<string> {
  const path = join(await tempDirectory(), 'network.key')
  await createNetworkKey(path)
  return path
}

async function member(listen: string, keyFile: string | undefined, options: NodeOptions = {}): Promise<P2PShareNode> {
  return startNode({ listen: [listen], ...(keyFile === undefined ? {} : { privateNetwork: { keyFile } }), ...options })
}

/** Whether any protocol of a node was ever reached: there is a connection only after the encryption was agreed on. */
function countConnections(node: P2PShareNode): () => number {
  let count = 0
  node.libp2p.addEventListener('connection:open', () => {
    count += 1
  })
  return () => count
}

describe.each(Object.entries(LISTEN))('over %s', (_, listen) => {
  test('nodes with one key share and fetch', async () => {
    const keyFile = await newKey()
    const [sender, receiver] = [await member(listen, keyFile), await member(listen, keyFile)]
    const directory = await tempDirectory()
    const content = 'kept among friends '.repeat(20_000)
    await writeFile(join(directory, 'secret.txt'), content)
    const { ticket } = await sender.share(join(directory, 'secret.txt'))
    await fetchAll(receiver, ticket, { output: join(directory, 'got') })
    expect(await readFile(join(directory, 'got', 'secret.txt'), 'utf8')).toBe(content)
  })

  test.each([
    ['no key', false],
    ['another key', true]
  ])('a node with %s reaches nothing, either way', async (_title, hasKey) => {
    const inside = await member(listen, await newKey())
    const outside = await member(listen, hasKey ? await newKey() : undefined)
    const counts = [countConnections(inside), countConnections(outside)]
    const dials = [
      ...Array.from({ length: DIALS }, () => [outside, inside] as const),
      ...Array.from({ length: DIALS }, () => [inside, outside] as const)
    ]
    const results = await Promise.allSettled(
      dials.map(async ([from, to]) =>
        from.libp2p.dial(
          to.addresses().map((text) => multiaddr(text)),
          { force: true, signal: AbortSignal.timeout(3_000) }
        )
      )
    )
    expect(results.every(({ status }) => status === 'rejected')).toBe(true)
    expect(counts.map((count) => count())).toEqual([0, 0])
  })
})

test('a node that cannot be private does not start', async () => {
  const keyFile = join(await tempDirectory(), 'none')
  await expect(startNode({ privateNetwork: { keyFile } })).rejects.toMatchObject({ code: 'ERR_INVALID_NETWORK_KEY' })
})
