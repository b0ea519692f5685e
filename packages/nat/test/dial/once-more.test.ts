import { ConnectionClosedError } from '@libp2p/interface'
import type { Connection } from '@libp2p/interface'
import { expect, test } from 'vitest'
import { onceMore } from '../../src/dial/once-more.ts'

const CONNECTION = {} as Connection

/** Fails with one after the other, and opens a connection then. */
function opening(...errors: Error[]): { open: () => Promise<Connection>; asked: () => number } {
  const left = [...errors]
  return {
    open: async () => {
      const error = left.shift()
      if (error !== undefined) {
        throw error
      }
      return CONNECTION
    },
    asked: () => errors.length - left.length
  }
}

test('a dial whose connection was closed beside another one is made once more', async () => {
  const { open } = opening(new ConnectionClosedError('Remote closed connection during opening'))
  await expect(onceMore(open)).resolves.toBe(CONNECTION)
})

test('a peer that closes it again is not dialled a third time', async () => {
  const closed = new ConnectionClosedError('Remote closed connection during opening')
  const { open, asked } = opening(closed, closed, closed)
  await expect(onceMore(open)).rejects.toBe(closed)
  expect(asked()).toBe(2)
})

test('a dial that failed otherwise has failed', async () => {
  const failed = new Error('nobody answers')
  const { open, asked } = opening(failed, failed)
  await expect(onceMore(open)).rejects.toBe(failed)
  expect(asked()).toBe(1)
})
