import type { Connection, Transport } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import type { Multiaddr } from '@multiformats/multiaddr'
import { localPortDialerSymbol } from '@p2pshare/interface'
import type { LocalPortDialer, LocalPortDialOptions } from '@p2pshare/interface'
import { expect, test } from 'vitest'
import { MAX_OPEN_TRIES } from '../../src/standard/constants.ts'
import { punchDial } from '../../src/standard/punch-dial.ts'

const TCP = multiaddr('/ip4/5.5.1.1/tcp/39000')
const UDP = multiaddr('/ip4/5.5.1.1/udp/4001/utp')
const connection = (id: string): Connection => ({ id }) as Connection

interface Dial {
  readonly localPort: number
  readonly address: string
  readonly initiator: boolean | undefined
}

/** A node whose own dials fail, or never end; `answers` are what dials from a port come to, in turn. */
function createNode(stock: 'fails' | 'hangs' | 'works', answers: readonly (Connection | Error)[]) {
  const dials: Dial[] = []
  const signals: AbortSignal[] = []
  const left = [...answers]
  const dialer: LocalPortDialer = {
    dialFrom: async (localPort: number, address: Multiaddr, { initiator }: LocalPortDialOptions) => {
      dials.push({ localPort, address: address.toString(), initiator })
      const answer = left.shift() ?? new TypeError('no more answers')
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer)
    }
  }
  const transports = [{}, { [localPortDialerSymbol]: dialer }] as unknown as Transport[]
  const components = {
    connectionManager: {
      openConnection: async (_: unknown, options: { signal?: AbortSignal } = {}): Promise<Connection> => {
        if (options.signal !== undefined) {
          signals.push(options.signal)
        }
        switch (stock) {
          case 'works':
            return connection('stock')
          case 'fails':
            throw new TypeError('refused')
          case 'hangs':
            return new Promise((_resolve, reject) => {
              options.signal?.addEventListener('abort', () => reject(options.signal?.reason as Error))
            })
        }
      }
    },
    transportManager: { getTransports: () => transports }
  }
  return { components, dials, signals }
}

test('TCP leaves from the port whose outside address the peer was told, in the part that DCUtR gives this node', async () => {
  const { components, dials, signals } = createNode('hangs', [connection('punched')])
  const winner = await punchDial(components, [UDP, TCP], 39_000, { initiator: false, force: true })
  expect(winner.id).toBe('punched')
  expect(dials).toEqual([{ localPort: 39_000, address: TCP.toString(), initiator: false }])
  expect(signals[0]?.aborted).toBe(true)
})

test('a first opening that a NAT resets is made again', async () => {
  const { components, dials } = createNode('fails', [new TypeError('reset'), connection('punched')])
  const winner = await punchDial(components, [TCP], 39_000, {})
  expect([winner.id, dials.length]).toEqual(['punched', 2])
})

test('it is not made for ever', async () => {
  const resets = Array.from({ length: MAX_OPEN_TRIES + 1 }, () => new TypeError('reset'))
  const { components, dials } = createNode('fails', resets)
  await expect(punchDial(components, [TCP], 39_000, {})).rejects.toThrow('All promises were rejected')
  expect(dials).toHaveLength(MAX_OPEN_TRIES)
})

test.each([
  ['no port has a known outside address', [TCP], undefined],
  ['the peer has no address of TCP', [UDP], 39_000]
])('where %s the dial is the usual one', async (_, addresses, localPort) => {
  const { components, dials } = createNode('works', [])
  const winner = await punchDial(components, addresses, localPort, {})
  expect([winner.id, dials.length]).toEqual(['stock', 0])
})
