import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { multiaddr } from '@multiformats/multiaddr'
import type { Multiaddr } from '@multiformats/multiaddr'
import { isRelayed } from '../../src/paths/choose-path.ts'
import type { Node } from './network.ts'

/** A way to a node: bytes take `delayMs` each way, and once it is frozen it carries nothing any more, and says nothing of it. */
export interface Way {
  readonly address: Multiaddr
  freeze(): void
  /** Ends all that goes over it. */
  close(): void
}

export async function wayTo(target: Node, delayMs = 0): Promise<Way> {
  const own = target.getMultiaddrs().find((remoteAddr) => !isRelayed({ remoteAddr }))
  const port = Number(own?.getComponents().find(({ name }) => name === 'tcp')?.value)
  const sockets = new Set<Socket>()
  let isFrozen = false
  const later = (act: () => unknown): void => {
    setTimeout(() => isFrozen || act(), delayMs)
  }
  const pass = (from: Socket, to: Socket): void => {
    sockets.add(from)
    from.on('data', (bytes) => later(() => to.write(bytes)))
    from.on('close', () => later(() => to.destroy()))
    from.on('error', () => undefined)
  }
  const server = createServer((one) => {
    const two = connect(port, '127.0.0.1')
    pass(one, two)
    pass(two, one)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port: outside } = server.address() as AddressInfo
  return {
    address: multiaddr(`/ip4/127.0.0.1/tcp/${outside}/p2p/${target.peerId.toString()}`),
    freeze: () => {
      isFrozen = true
    },
    close: () => {
      sockets.forEach((socket) => socket.destroy())
      server.close()
    }
  }
}
