import type { DatagramAddress } from '@p2pshare/interface'
import { askUdp } from '../ask-udp.ts'
import { MAX_SSDP_BYTES } from '../constants.ts'
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
  return askUdp(
    {
      internalIp,
      prepare: (socket, begin) => {
        socket.setMulticastTTL(2)
        begin()
      },
      send: (socket) => {
        for (const { host, port } of targets) {
          for (const type of GATEWAY_TYPES) {
            // an address without a route is no reason to give the others up
            socket.send(encodeSearch(type, host, port), port, host, () => undefined)
          }
        }
      },
      accept: (bytes, address) =>
        bytes.byteLength <= MAX_SSDP_BYTES && (from === undefined || from === address)
          ? decodeSearchAnswer(bytes, address)
          : undefined
    },
    signal
  )
}
