import type { Connection, PeerId } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { seededPeerId, seededRandom } from '@p2pshare/testkit'
import { beforeAll, expect, test } from 'vitest'
import { systemClock } from '../../src/punch/clock.ts'
import { PunchFailedError } from '../../src/punch/errors.ts'
import { race } from '../../src/punch/race.ts'
import type { Runner } from '../../src/punch/race.ts'

let peer: PeerId

beforeAll(async () => {
  peer = await seededPeerId(seededRandom(1))
})

const at = (address: string, limits?: Connection['limits']): Connection =>
  ({ remoteAddr: multiaddr(address), ...(limits === undefined ? {} : { limits }) }) as Connection

const dial: Runner['entries'] = [{ strategy: 'public', step: { type: 'dial', targets: [] }, delayMs: 0 }]
const probes: Runner['entries'] = [{ strategy: 'udp-punch', step: { type: 'probe', targets: [] }, delayMs: 0 }]

async function run(runners: readonly Runner[]): ReturnType<typeof race> {
  return race({
    peer,
    plan: runners.flatMap(({ entries }) => entries),
    runners,
    opened: async () => new Promise<never>(() => undefined),
    strategyOf: () => 'udp-punch',
    clock: systemClock,
    signal: new AbortController().signal
  })
}

// libp2p lets a dial join another one of the same peer, which may end over a relay
const overRelay = '/ip4/5.5.0.1/tcp/1/p2p/12D3KooWJV9kgMNP57GixskDXtLWm6mzf3V1teA1LcNJh2xpSstT/p2p-circuit'

test.each([
  ['leads over a relay', at(overRelay)],
  ['is limited, as circuits are', at('/ip4/5.5.0.1/tcp/1', { seconds: 600 })]
])('a way whose connection %s has failed', async (_, connection) => {
  const failed: unknown = await run([{ entries: dial, run: async () => connection }]).catch((error: unknown) => error)
  expect(failed).toBeInstanceOf(PunchFailedError)
  expect((failed as PunchFailedError).tries).toMatchObject([
    { strategy: 'public', outcome: 'failed', reason: 'the connection that came about goes through a relay' }
  ])
})

test('a way that ends with a circuit does not end the others', async () => {
  const direct = at('/ip4/5.5.1.1/udp/9/utp')
  const circuit = Promise.withResolvers<void>()
  const { connection, tries } = await run([
    {
      entries: dial,
      run: async () => {
        setImmediate(() => circuit.resolve())
        return at(overRelay)
      }
    },
    {
      entries: probes,
      run: async () => {
        await circuit.promise
        return direct
      }
    }
  ])
  expect(connection).toBe(direct)
  expect(tries.map(({ strategy, outcome }) => `${strategy} ${outcome}`)).toEqual([
    'public failed',
    'udp-punch connected'
  ])
})
