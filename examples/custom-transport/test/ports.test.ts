import type { Listener, MultiaddrConnection, Upgrader } from '@libp2p/interface'
import { defaultLogger } from '@libp2p/logger'
import { multiaddr } from '@multiformats/multiaddr'
import { checkLeaks } from '@p2pshare/testkit/vitest'
import { expect, test, vi } from 'vitest'
import { ports } from '../src/ports.ts'
import { Switchboard } from '../src/switchboard.ts'

checkLeaks()

const transport = ports(new Switchboard())({ logger: defaultLogger() })
// most tests do not get as far as an upgrade
const upgrader = {} as Upgrader
const address = multiaddr('/memory/here')

test('takes its own addresses, with and without a peer id, and no relayed or foreign ones', () => {
  const peer = '12D3KooWJfTv5X4aRwPR1WsGwQaLYgyxLtav43SNBsA1P3xXRJ2u'
  const own = ['/memory/here', `/memory/here/p2p/${peer}`]
  const other = [`/memory/here/p2p/${peer}/p2p-circuit`, '/ip4/127.0.0.1/tcp/1', `/p2p/${peer}`, '/unix/%2Fhere']
  const addresses = [...own, ...other].map((text) => multiaddr(text))
  expect(transport.listenFilter(addresses).map(String)).toEqual(own)
  expect(transport.dialFilter(addresses).map(String)).toEqual(own)
})

test('a name that nobody listens at cannot be dialled', async () => {
  const dialled = transport.dial(address, { signal: new AbortController().signal, upgrader })
  await expect(dialled).rejects.toMatchObject({ name: 'ConnectionFailedError' })
})

test('a dial that was aborted before fails with the reason', async () => {
  const dialled = transport.dial(address, { signal: AbortSignal.abort(), upgrader })
  await expect(dialled).rejects.toMatchObject({ name: 'AbortError' })
})

test('a name has one listener at a time', async () => {
  const [first, second] = [transport.createListener({ upgrader }), transport.createListener({ upgrader })]
  await first.listen(address)
  await expect(second.listen(address)).rejects.toMatchObject({ name: 'ListenError' })
  await second.close()
  expect(first.getAddrs()).toEqual([address])

  await first.close()
  expect(first.getAddrs()).toEqual([])
  await second.listen(address)
  await second.close()
})

test.each([
  ['the dialler gives up', (dial: AbortController) => dial.abort()],
  ['the listener closes', async (_: AbortController, listener: Listener) => listener.close()]
])('when %s during the handshake, neither end stays open', async (_, giveUp) => {
  const ends: MultiaddrConnection[] = []
  const endless = async (connection: MultiaddrConnection, { signal }: { signal: AbortSignal }): Promise<never> => {
    ends.push(connection)
    return new Promise((_, reject) => {
      const fail = (): void => reject(new Error('the handshake ended'))
      signal.addEventListener('abort', fail)
      connection.addEventListener('close', fail)
    })
  }
  const slow = { upgradeInbound: endless, upgradeOutbound: endless } as unknown as Upgrader
  const listener = transport.createListener({ upgrader: slow })
  await listener.listen(address)
  const dial = new AbortController()
  const dialled = transport.dial(address, { signal: dial.signal, upgrader: slow })
  const failed = expect(dialled).rejects.toThrow('the handshake ended')

  await giveUp(dial, listener)
  await failed
  await vi.waitFor(() => expect(ends.map(({ status }) => status)).not.toContain('open'), 20_000)
  expect(ends).toHaveLength(2)
  await listener.close()
})

test('a listener that closes lets its connections deliver what they hold, and then says that it closed', async () => {
  const ends: MultiaddrConnection[] = []
  const keep = async (connection: MultiaddrConnection): Promise<MultiaddrConnection> => {
    ends.push(connection)
    return connection
  }
  const kept = { upgradeInbound: keep, upgradeOutbound: keep } as unknown as Upgrader
  const listener = transport.createListener({ upgrader: kept })
  await listener.listen(address)
  await transport.dial(address, { signal: new AbortController().signal, upgrader: kept })
  const [near, far] = ends

  near?.send(Uint8Array.of(1, 2, 3))
  const received = far && all(far)
  const states: (string | undefined)[] = []
  listener.addEventListener('close', () => states.push(near?.status))
  await listener.close()
  expect(states).toEqual(['closed'])
  expect(await received).toEqual([1, 2, 3])
})

async function all(connection: MultiaddrConnection): Promise<number[]> {
  const bytes: number[] = []
  for await (const chunk of connection) {
    bytes.push(...chunk.subarray())
  }
  return bytes
}
