import type { Multiaddr } from '@multiformats/multiaddr'
import { MAX_SERVERS } from './constants.ts'
import { isInsideAddress } from './double-nat.ts'
import type { ServerEndpoint } from './plan.ts'
import { addressKey } from './plan.ts'
import { toRemoteEnd } from './remote-host.ts'

/** A STUN server that is known, and how. */
export interface KnownServer extends ServerEndpoint {
  readonly family: 4 | 6
  /** `option`: named by the user. Otherwise the peer that said so, as text. */
  readonly source: string
  /** Where it can be dialled over TCP, when a connection of ours went there. */
  readonly tcp?: Multiaddr
}

/** STUN servers, at most `MAX_SERVERS` and those of the user besides. */
export class ServerBook {
  readonly #fixed: readonly KnownServer[]
  /** The one heard of longest ago first. */
  readonly #learned = new Map<string, KnownServer>()

  constructor(fixed: readonly KnownServer[]) {
    this.#fixed = fixed
  }

  /** Whether it is a server that was not known, or is known better now. */
  add(server: KnownServer): boolean {
    const key = addressKey(server.address)
    const before = this.#learned.get(key)
    this.#learned.delete(key)
    this.#learned.set(key, server)
    for (const [oldest] of this.#learned) {
      if (this.#learned.size <= MAX_SERVERS) {
        break
      }
      this.#learned.delete(oldest)
    }
    return before?.otherPort !== server.otherPort || before?.otherHost !== server.otherHost || before === undefined
  }

  /**
   * Those of one family, different hosts first: two hosts tell more than two ports of one. What a peer said of itself comes
   * before what the user named, which may be gone. Those of the own network, who see no NAT, only where there are no others.
   */
  of(family: 4 | 6): readonly KnownServer[] {
    const all = new Map<string, KnownServer>()
    for (const server of [...[...this.#learned.values()].reverse(), ...this.#fixed]) {
      const key = addressKey(server.address)
      if (server.family === family && !all.has(key)) {
        all.set(key, server)
      }
    }
    const seen = new Set<string>()
    const first: KnownServer[] = []
    const later: KnownServer[] = []
    for (const server of all.values()) {
      const list = seen.has(server.address.host) ? later : first
      list.push(server)
      seen.add(server.address.host)
    }
    const servers = [...first, ...later]
    const beyond = servers.filter(({ address }) => !isInsideAddress(address.host))
    return beyond.length > 0 ? beyond : servers
  }
}

/** A server that the user named: `/ip4/<host>/udp/<port>`. Pure. */
export function toFixedServer(address: Multiaddr): KnownServer[] {
  const end = toRemoteEnd(address)
  return end?.transport === 'udp'
    ? [{ family: end.host.includes(':') ? 6 : 4, address: { host: end.host, port: end.port }, source: 'option' }]
    : []
}
