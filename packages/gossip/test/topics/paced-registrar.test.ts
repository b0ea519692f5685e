import type { PeerId, Stream } from '@libp2p/interface'
import { afterEach, expect, test } from 'vitest'
import { MAX_PACED_PEERS, NEIGHBOUR_BURST_BYTES } from '../../src/topics/constants.ts'
import { Pacer } from '../../src/topics/paced-registrar.ts'
import { numberedPeers } from '../support/peers.ts'

/** The readable half of a stream. */
class ReadStub extends EventTarget {
  readStatus = 'readable'

  pause(): void {
    this.readStatus = 'paused'
  }

  resume(): void {
    this.readStatus = 'readable'
  }
}

const pacer = new Pacer()
afterEach(() => {
  pacer.stop()
})

/** So many bytes of this peer, on a new stream. Whether that is paused. */
function read(remotePeer: PeerId, byteLength: number): boolean {
  const stream = new ReadStub()
  pacer.watch(stream as unknown as Stream, { remotePeer })
  stream.dispatchEvent(Object.assign(new Event('message'), { data: { byteLength } }))
  return stream.readStatus === 'paused'
}

test('the debt of a neighbour is remembered beside the most others, and forgotten for one more', () => {
  const [debtor, ...others] = numberedPeers(MAX_PACED_PEERS + 1)
  const last = others.pop()
  if (debtor === undefined || last === undefined) {
    expect.unreachable()
  }
  // a debt that takes a minute to pay
  expect(read(debtor, 10 * NEIGHBOUR_BURST_BYTES)).toBe(true)
  for (const other of others) {
    read(other, 1)
  }
  expect(read(debtor, 1)).toBe(true)
  for (const other of [...others, last]) {
    read(other, 1)
  }
  expect(read(debtor, 1)).toBe(false)
})
