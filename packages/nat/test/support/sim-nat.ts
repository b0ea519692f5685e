import { createSocket } from 'node:dgram'
import type { Socket } from 'node:dgram'
import type { DatagramAddress, DatagramHandler, DatagramSocket } from '@p2pshare/interface'
import type { FilteringBehaviour, MappingBehaviour } from '../../src/types.ts'

export interface SimNatInit {
  /** Loopback address that stands for the outside one. */
  readonly host: string
  readonly mapping: Exclude<MappingBehaviour, 'none'>
  readonly filtering: FilteringBehaviour
  /** How outside ports are chosen. */
  readonly ports: 'preserving' | 'random' | { readonly low: number; readonly high: number }
  readonly hairpin?: boolean
  /** Nothing goes out. */
  readonly blocked?: boolean
  /** Every nth datagram that goes out is lost. */
  readonly loseEvery?: number
}

interface Outside {
  readonly socket: Socket
  readonly sentTo: Set<string>
  readonly hosts: Set<string>
}

/** A NAT of one process: what its inside sockets send really leaves by UDP sockets of another address. */
export class SimNat {
  readonly #init: SimNatInit
  readonly #taken = new Set<number>()
  readonly #outsides: Socket[] = []
  #nextInside = 20_000
  #sent = 0

  constructor(init: SimNatInit) {
    this.#init = init
  }

  readonly open = async (family: 4 | 6): Promise<DatagramSocket> => {
    const local = { host: '192.168.1.2', port: this.#nextInside++ }
    const handlers = new Set<DatagramHandler>()
    const outsides = new Map<string, Outside>()
    return {
      family,
      local,
      send: (bytes, to) => {
        this.#sent += 1
        const lost = this.#init.loseEvery !== undefined && this.#sent % this.#init.loseEvery === 0
        if (this.#init.blocked !== true && !lost) {
          const outside = this.#outsideFor(outsides, local, to, handlers)
          outside.sentTo.add(`${to.host} ${to.port}`)
          outside.hosts.add(to.host)
          outside.socket.send(bytes, to.port, to.host, () => undefined)
        }
      },
      handle: (handler) => {
        handlers.add(handler)
        return () => {
          handlers.delete(handler)
        }
      },
      close: () => {
        handlers.clear()
      }
    }
  }

  close(): void {
    this.#outsides.splice(0).forEach((socket) => socket.close())
  }

  #outsideFor(
    outsides: Map<string, Outside>,
    local: DatagramAddress,
    to: DatagramAddress,
    handlers: ReadonlySet<DatagramHandler>
  ): Outside {
    const { mapping, host } = this.#init
    const key =
      mapping === 'endpoint-independent' ? '' : mapping === 'address-dependent' ? to.host : `${to.host} ${to.port}`
    let outside = outsides.get(key)
    if (outside === undefined) {
      const created: Outside = { socket: createSocket('udp4'), sentTo: new Set(), hosts: new Set() }
      created.socket.on('error', () => undefined)
      created.socket.bind(this.#port(local.port), host)
      created.socket.on('message', (bytes, from) => {
        if (this.#letsIn(created, from.address, from.port)) {
          for (const handler of handlers) {
            if (handler(bytes, { host: from.address, port: from.port })) {
              break
            }
          }
        }
      })
      this.#outsides.push(created.socket)
      outside = created
      outsides.set(key, created)
    }
    return outside
  }

  #letsIn({ sentTo, hosts }: Outside, host: string, port: number): boolean {
    const { filtering, hairpin = false } = this.#init
    if (host === this.#init.host && !hairpin) {
      return false
    }
    switch (filtering) {
      case 'endpoint-independent':
        return true
      case 'address-dependent':
        return hosts.has(host)
      case 'address-and-port-dependent':
        return sentTo.has(`${host} ${port}`)
    }
  }

  #port(inside: number): number {
    const { ports } = this.#init
    if (ports === 'preserving') {
      return inside
    }
    if (ports === 'random') {
      return 0
    }
    // spread over the range and back again, so that the same run always gives the same ports
    const size = ports.high - ports.low + 1
    let port = ports.low + ((this.#taken.size * 37 + 11) % size)
    while (this.#taken.has(port)) {
      port = port === ports.high ? ports.low : port + 1
    }
    this.#taken.add(port)
    return port
  }
}
