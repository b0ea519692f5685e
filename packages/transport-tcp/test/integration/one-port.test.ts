import type { Libp2p } from '@libp2p/interface'
import { bulkChannelsSymbol } from '@p2pshare/interface'
import type { BulkChannels } from '@p2pshare/interface'
import { seededRandom } from '@p2pshare/testkit'
import { checkLeaks } from '@p2pshare/testkit/vitest'
import { createLibp2p } from 'libp2p'
import { expect, test } from 'vitest'
import { tcp, tls } from '../../src/index.ts'
import type { Tcp, TcpComponents } from '../../src/index.ts'
import { cleanUpNodes, createNode, echoed, portOf } from '../support/nodes.ts'
import { refused, until } from '../support/sockets.ts'

checkLeaks()
cleanUpNodes()

const data = seededRandom('one port').bytes(1_000_000)

/** A node, and its bulk channels as a service would find them. */
async function createBoth(): Promise<{ node: Libp2p; bulk: BulkChannels }> {
  let made: Tcp | undefined
  const transport = (components: TcpComponents): Tcp => (made = tcp()(components))
  const node = await createNode({ transports: [transport], connectionEncrypters: [tls()] })
  return { node, bulk: made?.[bulkChannelsSymbol] ?? expect.unreachable('no bulk channels') }
}

/** Collects what arrives. */
function collect(): { sink: { buffer(): Uint8Array; filled(bytes: number): boolean }; bytes(): Buffer } {
  const parts: Uint8Array[] = []
  let view = new Uint8Array(0)
  return {
    sink: {
      buffer: () => (view = new Uint8Array(65_536)),
      filled: (bytes) => {
        parts.push(view.subarray(0, bytes))
        return true
      }
    },
    bytes: () => Buffer.concat(parts)
  }
}

test('libp2p connections and bulk channels come in at one port', async () => {
  const [near, far] = await Promise.all([createBoth(), createBoth()])
  const connection = await near.node.dial(far.node.getMultiaddrs())
  expect(connection.encryption).toBe('/tls/1.0.0')

  const [out, back] = [collect(), collect()]
  const invitation = far.bulk.invite(near.node.peerId, { sink: out.sink })
  const [address = expect.unreachable('it does not listen')] = far.bulk.addresses()
  expect(Number(address.getComponents()[1]?.value)).toBe(portOf(far.node))
  const opened = await near.bulk.open(address, far.node.peerId, invitation.token, { sink: back.sink })
  const accepted = await invitation.channel
  opened.write([data])
  accepted.write([data])
  expect((await echoed(connection, data)).equals(data)).toBe(true)
  await until(() => out.bytes().length === data.length && back.bytes().length === data.length)
  expect(out.bytes().equals(data) && back.bytes().equals(data)).toBe(true)
})

test('a node that stops ends its bulk channels, both those it opened and those it took', async () => {
  const [near, far] = await Promise.all([createBoth(), createBoth()])
  for (const stopping of [far, near]) {
    const invitation = far.bulk.invite(near.node.peerId, { sink: collect().sink })
    const [address = expect.unreachable('it does not listen')] = far.bulk.addresses()
    const opened = await near.bulk.open(address, far.node.peerId, invitation.token, { sink: collect().sink })
    const accepted = await invitation.channel
    await stopping.node.stop()
    await Promise.all([opened.closed, accepted.closed])
    await far.node.start()
  }
})

test('a port is free again when its node has stopped', async () => {
  const { node } = await createBoth()
  const port = portOf(node)
  await node.stop()
  await refused(port)
  const next = await createLibp2p({ addresses: { listen: [`/ip4/127.0.0.1/tcp/${port}`] }, transports: [tcp()] })
  expect(portOf(next)).toBe(port)
  await next.stop()
})
