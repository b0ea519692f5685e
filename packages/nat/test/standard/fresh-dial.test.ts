import type { Connection } from '@libp2p/interface'
import type { ConnectionManager } from '@libp2p/interface-internal'
import { multiaddr } from '@multiformats/multiaddr'
import { expect, test } from 'vitest'
import { MAX_JOINED_DIALS } from '../../src/dial/constants.ts'
import { dialFresh } from '../../src/standard/fresh-dial.ts'

const WANTED = multiaddr('/ip4/192.0.2.1/tcp/4001')
const ELSEWHERE = multiaddr('/ip4/192.0.2.2/tcp/4001')

/** Dials that join another one so often, and then one of their own. */
function joining(times: number): { readonly dialled: () => number; readonly manager: ConnectionManager } {
  let dialled = 0
  const openConnection = async (): Promise<Connection> => {
    dialled++
    return Promise.resolve({ id: `${dialled}`, remoteAddr: dialled > times ? WANTED : ELSEWHERE } as Connection)
  }
  return {
    dialled: () => dialled,
    manager: { getConnections: () => [], openConnection } as unknown as ConnectionManager
  }
}

test('a dial that joined another is made anew until the last time, and not once more', async () => {
  const last = joining(MAX_JOINED_DIALS - 1)
  expect((await dialFresh(last.manager, WANTED, {})).remoteAddr.equals(WANTED)).toBe(true)
  const past = joining(MAX_JOINED_DIALS)
  await expect(dialFresh(past.manager, WANTED, {})).rejects.toMatchObject({ code: 'ERR_DIAL_JOINED' })
  expect(past.dialled()).toBe(MAX_JOINED_DIALS)
})
