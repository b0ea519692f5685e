import { ConnectionClosedError } from '@libp2p/interface'
import type { Connection } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { expect, test } from 'vitest'
import { MAX_JOINED_DIALS } from '../../src/dial/constants.ts'
import { straight } from '../../src/dial/straight.ts'

const DIRECT = { remoteAddr: multiaddr('/ip4/192.0.2.1/tcp/4001') } as Connection
const RELAYED = { remoteAddr: multiaddr('/ip4/192.0.2.1/tcp/4001/p2p-circuit'), limits: {} } as Connection

/** Comes to one after the other, and to the direct connection then. */
function opening(...results: Array<Connection | Error>): { open: () => Promise<Connection>; asked: () => number } {
  let asked = 0
  return {
    open: async () => {
      const result = results[asked++] ?? DIRECT
      return result instanceof Error ? Promise.reject(result) : Promise.resolve(result)
    },
    asked: () => asked
  }
}

test('a dial that ended with a circuit of another dial is made anew until the last time, and not once more', async () => {
  const last = opening(...Array.from({ length: MAX_JOINED_DIALS - 1 }, () => RELAYED))
  await expect(straight(last.open)).resolves.toBe(DIRECT)
  const past = opening(...Array.from({ length: MAX_JOINED_DIALS }, () => RELAYED))
  await expect(straight(past.open)).rejects.toMatchObject({ code: 'ERR_DIAL_SWALLOWED' })
  expect(past.asked()).toBe(MAX_JOINED_DIALS)
})

test('one whose connection was closed by whom it joined is made anew', async () => {
  const { open } = opening(new ConnectionClosedError('Remote closed connection during opening'))
  await expect(straight(open)).resolves.toBe(DIRECT)
})

test('one that failed otherwise has failed', async () => {
  const failed = new Error('nobody answers')
  const { open, asked } = opening(failed)
  await expect(straight(open)).rejects.toBe(failed)
  expect(asked()).toBe(1)
})
