import type { Libp2p, Stream } from '@libp2p/interface'
import { byteStream } from '@libp2p/utils'
import { describe, expect, test } from 'vitest'
import { faultyProtocol } from '../../src/faults/protocol.ts'
import type { StreamInfo } from '../../src/faults/protocol.ts'
import { createTestnet } from '../../src/testnet.ts'
import { range, read } from '../helpers/reading.ts'

const ECHO = '/testkit/echo/1.0.0'

/** Serves `ECHO` and counts how often. */
async function serve(node: Libp2p): Promise<{ served: number }> {
  const count = { served: 0 }
  await node.handle(ECHO, async (stream: Stream) => {
    count.served++
    for await (const data of stream) {
      stream.send(data)
    }
    await stream.close()
  })
  return count
}

async function echo(from: Libp2p, to: Libp2p, data: Uint8Array): Promise<number[]> {
  const stream = await from.dialProtocol(to.peerId, ECHO)
  const reading = read(stream)
  stream.send(data)
  await stream.close()
  if ((await reading.ended) === 'reset') {
    throw new RangeError('reset')
  }
  return reading.bytes()
}

const pair = async () => createTestnet({ nodes: 2, seed: 'faulty protocol', topology: 'full' })

describe('faultyProtocol', () => {
  test('runs each inbound stream through its plan and its handler, once', async () => {
    await using net = await pair()
    const count = await serve(net.node(1))
    faultyProtocol(net.node(1), ECHO, { incoming: [{ type: 'corrupt', atByte: 1 }] })
    for (let round = 1; round <= 3; round++) {
      expect(await echo(net.node(0), net.node(1), range(3))).toEqual([0, 1 ^ 0xff, 2])
      expect(count.served).toBe(round)
    }
  })

  test('does not run the handler for streams the node opens itself', async () => {
    await using net = await pair()
    const [count] = [await serve(net.node(0)), await serve(net.node(1))]
    faultyProtocol(net.node(0), ECHO, { outgoing: [{ type: 'corrupt', atByte: 0 }] })
    expect(await echo(net.node(1), net.node(0), range(3))).toEqual([0xff, 1, 2])
    expect(await echo(net.node(0), net.node(1), range(3))).toEqual([0xff, 1, 2])
    expect(count.served).toBe(1)
  })

  test('serves streams at the same time', async () => {
    await using net = await pair()
    const count = await serve(net.node(1))
    faultyProtocol(net.node(1), ECHO, {})
    const replies = await Promise.all(
      [...range(8)].map(async (value) => echo(net.node(0), net.node(1), Uint8Array.of(value)))
    )
    expect(replies).toEqual([...range(8)].map((value) => [value]))
    expect(count.served).toBe(8)
  })

  test('a liar, a peer that hangs up and a good one, chosen stream by stream', async () => {
    await using net = await pair()
    await serve(net.node(1))
    const seen: StreamInfo[] = []
    faultyProtocol(net.node(1), ECHO, (info) => {
      seen.push(info)
      return [
        { outgoing: [{ type: 'corrupt', atByte: 2 } as const] },
        { outgoing: [{ type: 'cut', afterBytes: 1 } as const] }
      ][info.index]
    })
    expect(await echo(net.node(0), net.node(1), range(3))).toEqual([0, 1, 2 ^ 0xff])
    await expect(echo(net.node(0), net.node(1), range(3))).rejects.toThrow('reset')
    expect(await echo(net.node(0), net.node(1), range(3))).toEqual([0, 1, 2])
    expect(seen.map(({ direction, index }) => [direction, index])).toEqual([
      ['inbound', 0],
      ['inbound', 1],
      ['inbound', 2]
    ])
    expect(seen[0]?.remotePeer.equals(net.node(0).peerId)).toBe(true)
  })

  test('ends with unuse', async () => {
    await using net = await pair()
    await serve(net.node(1))
    faultyProtocol(net.node(1), ECHO, { incoming: [{ type: 'corrupt', atByte: 1 }] })
    net.node(1).unuse(ECHO)
    expect(await echo(net.node(0), net.node(1), range(3))).toEqual([0, 1, 2])
  })

  test('protocol helpers of libp2p read over a faulty stream', async () => {
    await using net = await pair()
    await serve(net.node(1))
    faultyProtocol(net.node(0), ECHO, { incoming: [{ type: 'corrupt', atByte: 9 }] })
    const bytes = byteStream(await net.node(0).dialProtocol(net.node(1).peerId, ECHO))
    await bytes.write(range(12))
    expect((await bytes.read({ bytes: 8 })).subarray()).toEqual(range(8))
    expect((await bytes.read({ bytes: 4 })).subarray()).toEqual(Uint8Array.of(8, 9 ^ 0xff, 10, 11))
  })
})
