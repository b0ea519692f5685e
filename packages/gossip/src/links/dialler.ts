import type { Connection, Logger, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { LinkComponents } from './components.ts'
import { DIAL_PRIORITY, LINK_TAG, LINK_TAG_VALUE } from './constants.ts'
import { LinkFaultError } from './errors.ts'
import { rankOf } from './link.ts'

/** Finds connections for links: those that there are, and new ones. */
export class Dialler {
  readonly #components: LinkComponents
  readonly #addresses: (peer: PeerId) => readonly Multiaddr[]
  readonly #log: Logger

  /** `addresses`: where the peer says it can be dialled. */
  constructor(components: LinkComponents, addresses: (peer: PeerId) => readonly Multiaddr[], log: Logger) {
    this.#components = components
    this.#addresses = addresses
    this.#log = log
  }

  /**
   * At each address, one after the other. Not through the dial queue: who else wants the peer now dials all its addresses,
   * and a dial of ours would become part of that one and end when the last of them is silent for too long.
   */
  async ask(addresses: readonly Multiaddr[], signal: AbortSignal): Promise<Connection> {
    const { connectionGater, transportManager } = this.#components
    const failures: unknown[] = []
    for (const address of addresses) {
      try {
        if ((await connectionGater.denyDialMultiaddr?.(address)) === true) {
          throw new LinkFaultError('the connection gater denies its address')
        }
        signal.throwIfAborted()
        return await transportManager.dial(address, { signal })
      } catch (error) {
        failures.push(error)
      }
    }
    throw new LinkFaultError('it is not there any more', failures)
  }

  async dial(peer: PeerId, signal: AbortSignal): Promise<Connection> {
    const connection = this.connectionTo(peer)
    if (connection !== undefined) {
      return connection
    }
    return this.#connect(await this.known(peer), signal)
  }

  /** By address: an id alone may start a search, and who is searched for so often costs everybody. */
  async #connect(addresses: readonly Multiaddr[], signal: AbortSignal): Promise<Connection> {
    if (addresses.length === 0) {
      throw new LinkFaultError('it has no address')
    }
    signal.throwIfAborted()
    const options = { signal, priority: DIAL_PRIORITY }
    return this.#components.connectionManager.openConnection([...addresses], options)
  }

  /** The best that is open. */
  connectionTo(peer: PeerId): Connection | undefined {
    return this.#components.connectionManager
      .getConnections(peer)
      .filter(({ status }) => status === 'open')
      .sort((a, b) => rankOf(b) - rankOf(a))[0]
  }

  /** Where the peer may be, each address once: what it says itself, and what others have found. */
  async known(peer: PeerId): Promise<Multiaddr[]> {
    const found = await this.#components.peerStore.get(peer).then(
      ({ addresses }) => addresses.map(({ multiaddr }) => multiaddr),
      () => []
    )
    const id = `/p2p/${peer.toString()}`
    const all = [...this.#addresses(peer), ...found].map((address) =>
      address.getComponents().at(-1)?.name === 'p2p' ? address : address.encapsulate(id)
    )
    return [...new Map(all.map((address) => [address.toString(), address])).values()]
  }

  /** So that the connection manager keeps it when it has too many. */
  async tag(peer: PeerId, isKept: boolean): Promise<void> {
    try {
      await this.#components.peerStore.merge(peer, {
        tags: { [LINK_TAG]: isKept ? { value: LINK_TAG_VALUE } : undefined }
      })
    } catch (error) {
      this.#log('could not tag %p - %e', peer, error)
    }
  }
}
