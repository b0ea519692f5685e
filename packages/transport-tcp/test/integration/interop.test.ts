import { tcp as stockTcp } from '@libp2p/tcp'
import { seededRandom } from '@p2pshare/testkit'
import { checkLeaks } from '@p2pshare/testkit/vitest'
import { describe, expect, test } from 'vitest'
import { tcp } from '../../src/index.ts'
import { cleanUpNodes, createNode, echoed } from '../support/nodes.ts'

checkLeaks()
cleanUpNodes()

const data = seededRandom('interop').bytes(8 * 1024 * 1024)

describe.each([
  ['ours dials stock', tcp(), stockTcp()],
  ['stock dials ours', stockTcp(), tcp()],
  ['ours dials ours', tcp(), tcp()]
])('%s', (_, dialling, listening) => {
  test('megabytes go both ways, whole', async () => {
    const dialer = await createNode({ transports: [dialling], addresses: { listen: [] } })
    const listener = await createNode({ transports: [listening] })
    const connection = await dialer.dial(listener.getMultiaddrs())
    expect((await echoed(connection, data)).equals(data)).toBe(true)
    const [back] = listener.getConnections(dialer.peerId)
    expect(back === undefined ? undefined : (await echoed(back, data, 1_000_003)).equals(data)).toBe(true)
  })

  test('both see the end when either closes, and when either aborts', async () => {
    const dialer = await createNode({ transports: [dialling], addresses: { listen: [] } })
    const listener = await createNode({ transports: [listening] })
    for (const end of ['close', 'abort'] as const) {
      for (const side of [dialer, listener]) {
        await dialer.dial(listener.getMultiaddrs())
        const ends = [dialer, listener].map(
          (node) => new Promise((resolve) => node.addEventListener('connection:close', resolve, { once: true }))
        )
        // the dialer may be through its part of the handshake before the listener is
        while (listener.getConnections().length === 0) {
          await new Promise((resolve) => setImmediate(resolve))
        }
        const [connection] = side.getConnections()
        if (end === 'close') {
          await connection?.close()
        } else {
          connection?.abort(new TypeError('no more'))
        }
        await Promise.all(ends)
        expect([...dialer.getConnections(), ...listener.getConnections()]).toEqual([])
      }
    }
  })
})

test('a hundred dials at once get a hundred connections', async () => {
  const listener = await createNode({ transports: [tcp({ maxPendingPerIp: 128, firstByteTimeoutMs: 60_000 })] })
  const dialers = await Promise.all(Array.from({ length: 100 }, () => createNode({ addresses: { listen: [] } })))
  const connections = await Promise.all(dialers.map((dialer) => dialer.dial(listener.getMultiaddrs())))
  expect(connections.filter(({ status }) => status === 'open')).toHaveLength(100)
  const small = data.subarray(0, 1000)
  const echoes = await Promise.all(connections.map((connection) => echoed(connection, small)))
  expect(echoes.filter((echo) => echo.equals(small))).toHaveLength(100)
})
