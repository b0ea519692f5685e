import type { Stream } from '@libp2p/interface'
import { expect, test } from 'vitest'
import { carriesData, lookAt } from '../../src/paths/look.ts'
import { ConnectionMeter } from '../../src/paths/meter.ts'

const connection = (...protocols: string[]) => ({
  id: 'c',
  streams: protocols.map((protocol) => ({ protocol }) as Stream)
})
const look = (...protocols: string[]) => lookAt(connection(...protocols), new ConnectionMeter(carriesData), true)

test('links of membership and topics have to stay, and nobody waits for their bytes', () => {
  expect(look('/p2pshare/membership/1', '/p2pshare/topics/1.0.0')).toMatchObject({ busy: false, live: true })
})

test('a stream of a transfer carries data; pings and gossip carry none and need not stay', () => {
  expect(look('/p2pshare/transfer/1.0.0')).toMatchObject({ busy: true, live: true })
  expect(look('/ipfs/ping/1.0.0', '/meshsub/1.2.0')).toMatchObject({ busy: false, live: false })
})
