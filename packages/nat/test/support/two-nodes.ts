import type { Connection } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { createLibp2p } from 'libp2p'
import { onTestFinished } from 'vitest'

/** A connection between two nodes that speak nothing but libp2p's own, over TCP on loopback; gone after the test. */
export async function connectedNodes(): Promise<Connection> {
  const [near, far] = await Promise.all(
    [0, 1].map(async () =>
      createLibp2p({
        addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
        transports: [tcp()],
        connectionEncrypters: [noise()],
        streamMuxers: [yamux()],
        connectionMonitor: { enabled: false }
      })
    )
  )
  onTestFinished(async () => {
    await Promise.all([near?.stop(), far?.stop()])
  })
  return near!.dial(far!.getMultiaddrs())
}
