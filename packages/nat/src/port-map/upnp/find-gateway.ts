import { createSocket } from 'node:dgram'
import type { DatagramAddress } from '@p2pshare/interface'
import { MAX_SSDP_BYTES, RETRANSMIT_MS } from '../constants.ts'
import { decodeSearchAnswer, encodeSearch, GATEWAY_TYPES } from './search.ts'

/** Where to search and whom to believe. */
export interface UpnpSearch {
  readonly internalIp: string
  /** The search goes there, by multicast, and to the gateway itself: some networks carry no multicast. */
  readonly targets: readonly DatagramAddress[]
  /** Only answers of this address count; `undefined`: of any private one. */
  readonly from?: string
}

/**
 * Where the description of the first gateway that answers is. `@achingbrain/nat-port-mapper` would do it too, but from
 * port 1900, which other programs hold; it takes only version 2 gateways, and its removal of a mapping names neither the
 * outside port nor the protocol, so that the mapping stays.
 */
export async function findUpnpGateway({ internalIp, targets, from }: UpnpSearch, signal: AbortSignal): Promise<URL> {
  signal.throwIfAborted()
  const { promise, resolve, reject } = Promise.withResolvers<URL>()
  const socket = createSocket('udp4')
  let timer: NodeJS.Timeout | undefined
  const send = (delayMs: number): void => {
    for (const { host, port } of targets) {
      for (const type of GATEWAY_TYPES) {
        // an address without a route is no reason to give the others up
        socket.send(encodeSearch(type, host, port), port, host, () => undefined)
      }
    }
    timer = setTimeout(send, delayMs, delayMs * 2)
  }
  const abort = (): void => {
    reject(signal.reason)
  }
  signal.addEventListener('abort', abort, { once: true })
  socket.on('error', reject)
  socket.on('message', (bytes, { address }) => {
    if (bytes.byteLength <= MAX_SSDP_BYTES && (from === undefined || from === address)) {
      const location = decodeSearchAnswer(bytes, address)
      if (location !== undefined) {
        resolve(location)
      }
    }
  })
  socket.bind({ address: internalIp, port: 0 }, () => {
    socket.setMulticastTTL(2)
    send(RETRANSMIT_MS)
  })
  try {
    return await promise
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', abort)
    socket.close()
  }
}
