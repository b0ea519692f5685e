import type { MessageStream, StreamMuxer, StreamMuxerFactory } from '@libp2p/interface'
import { expect, it } from 'vitest'
import { guardedMuxer } from '../src/guarded-muxer.ts'

const BYTES = Uint8Array.of(1, 2, 3)

/** A connection that throws once it is over, as those of libp2p do, and the muxer that writes to it. */
function muxed() {
  const sent: unknown[] = []
  const connection = {
    status: 'open',
    send: (data: unknown) => {
      if (connection.status !== 'open') {
        throw new TypeError('cannot write to a stream that is closed')
      }
      sent.push(data)
      return false
    }
  }
  const factory: StreamMuxerFactory = {
    protocol: '/test',
    createStreamMuxer: (given) => ({ write: () => given.send(BYTES) }) as unknown as StreamMuxer
  }
  const guarded = guardedMuxer(() => factory)()
  const muxer = guarded.createStreamMuxer(connection as unknown as MessageStream) as unknown as { write(): boolean }
  return { connection, muxer, sent, protocol: guarded.protocol }
}

it('writes to a connection that is open, and says whether it wants more', () => {
  const { muxer, sent, protocol } = muxed()
  expect(muxer.write()).toBe(false)
  expect(sent).toEqual([BYTES])
  expect(protocol).toBe('/test')
})

it('drops what is written to a connection that is over', () => {
  const { connection, muxer, sent } = muxed()
  connection.status = 'closed'
  expect(muxer.write()).toBe(true)
  expect(sent).toEqual([])
})
