import type { Connection } from '@libp2p/interface'
import type { ConnectionManager } from '@libp2p/interface-internal'
import { multiaddr } from '@multiformats/multiaddr'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { DRAIN_QUIET_CHECKS, TRIAL_DRAIN_CHECK_MS } from '../../src/constants.ts'
import { trialDials } from '../../src/standard/trial-dials.ts'
import { Trials } from '../../src/trials.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const ADDRESS = multiaddr('/ip4/5.5.1.1/tcp/4001/p2p/12D3KooWKnDdG3iXw9eTFijk3EWSunZcFi54Zka4wmtqtt6rPxc8')

test.each(['close', 'abort'] as const)('%s of a trial leaves what others do on its connection', async (end) => {
  const ended: string[] = []
  const raw = {
    id: '1',
    remoteAddr: ADDRESS,
    status: 'open',
    streams: [{ protocol: '/p2pshare/transfer/1.0.0', direction: 'outbound' }],
    close: async () => Promise.resolve(void ended.push('close')),
    abort: () => void ended.push('abort')
  }
  const manager = {
    getConnections: () => [],
    openConnection: async () => Promise.resolve(raw as unknown as Connection)
  }
  const trials = new Trials()
  const trial = await trialDials(manager as unknown as ConnectionManager, trials).openConnection(ADDRESS)
  await trial[end](new DOMException('no proof came'))
  await vi.advanceTimersByTimeAsync(10 * TRIAL_DRAIN_CHECK_MS)
  expect(ended).toEqual([])
  raw.streams = []
  await vi.advanceTimersByTimeAsync(DRAIN_QUIET_CHECKS * TRIAL_DRAIN_CHECK_MS)
  expect(ended).toEqual(['close'])
})
