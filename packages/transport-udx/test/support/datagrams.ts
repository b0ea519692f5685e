import { createSocket } from 'node:dgram'
import type { RemoteInfo, Socket } from 'node:dgram'
import { once } from 'node:events'
import { afterEach } from 'vitest'

const open = new Set<Socket>()

/** What was opened here is closed after each test. */
export function cleanUpDatagrams(): void {
  afterEach(async () => {
    await Promise.all([...open].map(closeSocket))
  })
}

/** A plain UDP socket on loopback. */
export async function bindSocket(): Promise<Socket> {
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  open.add(socket)
  return socket
}

async function closeSocket(socket: Socket): Promise<void> {
  open.delete(socket)
  socket.close()
  await once(socket, 'close')
}

/** A NAT of one inside host towards one outside host, on loopback. */
export interface Router {
  /** Where the inside host sends to; stands for the outside host. */
  readonly port: number
  /** Which port the outside host sees now. */
  readonly outsidePort: number
  /** `false`: nothing goes through. */
  isUp: boolean
  /** Sees each datagram of the inside host. */
  onForward: (bytes: Uint8Array) => void
  /** Datagrams that went through, both directions. */
  readonly passed: number
  /** Forget the mapping: the next datagram leaves from another port, and what comes to the old one is lost. */
  rebind(): Promise<void>
}

/** Passes datagrams between whoever sends to it and `targetPort`. */
export async function createRouter(targetPort: number): Promise<Router> {
  const inside = await bindSocket()
  let outside = await bindSocket()
  let client: RemoteInfo | undefined
  let isUp = true
  let passed = 0
  const back = (bytes: Buffer): void => {
    if (isUp && client !== undefined) {
      passed++
      inside.send(bytes, client.port, client.address)
    }
  }
  outside.on('message', back)
  inside.on('message', (bytes, from) => {
    client = from
    router.onForward(bytes)
    if (isUp) {
      passed++
      outside.send(bytes, targetPort, '127.0.0.1')
    }
  })
  const router: Router = {
    port: inside.address().port,
    onForward: () => undefined,
    get outsidePort() {
      return outside.address().port
    },
    get passed() {
      return passed
    },
    get isUp() {
      return isUp
    },
    set isUp(up) {
      isUp = up
    },
    async rebind() {
      const fresh = await bindSocket()
      fresh.on('message', back)
      const old = outside
      outside = fresh
      await closeSocket(old)
    }
  }
  return router
}
