import { serviceCapabilities, transportSymbol } from '@libp2p/interface'
import type {
  ComponentLogger,
  Connection,
  CreateListenerOptions,
  DialTransportOptions,
  Listener,
  Transport
} from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { Memory } from '@multiformats/multiaddr-matcher'
import { PortConnection } from './port-connection.ts'
import { PortListener, nameIn } from './port-listener.ts'
import type { Switchboard } from './switchboard.ts'

/** What it asks of the node. */
export interface PortsComponents {
  logger: ComponentLogger
}

/** Connections over `MessagePort`s, at addresses `/memory/<name>`, between the nodes that share `switchboard`. */
export function ports(switchboard: Switchboard): (components: PortsComponents) => Transport {
  return (components) => new PortTransport(switchboard, components)
}

class PortTransport implements Transport {
  readonly [transportSymbol] = true
  readonly [Symbol.toStringTag] = '@p2pshare/example-custom-transport'
  readonly [serviceCapabilities]: string[] = ['@libp2p/transport']
  readonly #switchboard: Switchboard
  readonly #logger: ComponentLogger

  constructor(switchboard: Switchboard, { logger }: PortsComponents) {
    this.#switchboard = switchboard
    this.#logger = logger
  }

  /** The addresses we can listen on; the exact match leaves out `/memory/<name>/p2p-circuit`, which is a relay's. */
  listenFilter(addresses: Multiaddr[]): Multiaddr[] {
    return addresses.filter((address) => Memory.exactMatch(address))
  }

  dialFilter(addresses: Multiaddr[]): Multiaddr[] {
    return this.listenFilter(addresses)
  }

  createListener({ upgrader }: CreateListenerOptions): Listener {
    return new PortListener({ switchboard: this.#switchboard, upgrader, logger: this.#logger })
  }

  async dial(address: Multiaddr, options: DialTransportOptions): Promise<Connection> {
    options.signal.throwIfAborted()
    const connection = new PortConnection(this.#switchboard.call(nameIn(address)), {
      remoteAddr: address,
      direction: 'outbound',
      log: this.#logger.forComponent('example:ports:outbound')
    })
    try {
      // encrypts and muxes; the signal goes on to all of it
      return await options.upgrader.upgradeOutbound(connection, options)
    } catch (error) {
      connection.fail(error)
      throw error
    }
  }
}
