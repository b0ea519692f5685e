import { seededPeerId, seededRandom } from '@p2pshare/testkit'
import { expect, test } from 'vitest'
import { BLOCK_BYTES } from '../../src/constants.ts'
import { LeafAssemblies } from '../../src/share/leaf-assembly.ts'
import { ReceiveBuffers } from '../../src/share/receive-buffers.ts'
import { Receiver } from '../../src/share/receiver.ts'
import type { FrameBody } from '../../src/wire/frame.ts'

test('whoever may have written to a leaf is one of its senders, though no block of it came from there', async () => {
  const [assemblies, buffers, leafBytes] = [new LeafAssemblies(), new ReceiveBuffers(), 4 * BLOCK_BYTES]
  const came: number[] = []
  const begin = async (name: string): Promise<FrameBody> => {
    const receiver = new Receiver({
      peer: await seededPeerId(seededRandom(name)),
      buffers,
      assemblies,
      owed: { has: () => true, came: () => undefined, asked: () => undefined },
      expects: () => leafBytes,
      arrived: ({ count }) => void came.push(count),
      expectsNode: () => false,
      node: () => undefined,
      wasNodeAsked: () => false,
      received: () => undefined
    })
    const header = { kind: 'data', leaf: 3, firstBlock: 0, bytes: leafBytes } as const
    return receiver.open(header, () => undefined) ?? expect.unreachable()
  }
  const liar = await begin('liar')
  liar.room()
  const honest = await begin('honest')
  honest.room().fill(1)
  // over blocks that are here already
  liar.room().fill(0x66, 0, 100)
  liar.filled(100)
  const { parts } = assemblies.get(3) ?? expect.unreachable()
  honest.filled(leafBytes)
  expect(came).toEqual([4])
  expect([...parts.values()].map(({ bytes }) => bytes)).toEqual([0, leafBytes])
})
