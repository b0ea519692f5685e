import type { ComponentLogger, Connection, Libp2pEvents, Logger, PeerStore } from '@libp2p/interface'
import type { AddressManager, NodeAddress, Registrar } from '@libp2p/interface-internal'
import { isNetworkAddress, isPrivate } from '@libp2p/utils'
import type { Multiaddr } from '@multiformats/multiaddr'
import { TypedEventEmitter } from 'main-event'
import type { TypedEventTarget } from 'main-event'
import type { NatKnowledge } from '../types.ts'
import { announceNow } from './announce-now.ts'
import type { AnnounceComponents } from './announce-now.ts'
import { DIAL_BACK_PROTOCOL, MAX_PENDING_ASKS, MAX_VERDICTS } from './constants.ts'
import { DialBackClient } from './dial-back/client.ts'
import { DialBackServer } from './dial-back/server.ts'
import type { DialBackServerComponents } from './dial-back/server.ts'
import { isCircuit, isUdp } from './dial-back/target.ts'
import { describeAddress, mergeAddresses } from './own-address.ts'
import type { OwnAddress } from './own-address.ts'
import { mayAsk, nextAskAt, nextVerdict, NO_VERDICT } from './verdict.ts'
import type { DialBackResult, Verdict } from './verdict.ts'
import { UdpContacts } from './udp-contacts.ts'
import { verifiersFor } from './verifiers.ts'

/** What reachability needs of the node. */
export interface ReachabilityComponents extends AnnounceComponents, DialBackServerComponents {
  addressManager: Pick<
    AddressManager,
    'getAddresses' | 'getAddressesWithMetadata' | 'confirmObservedAddr' | 'removeObservedAddr'
  >
  registrar: Pick<Registrar, 'handle' | 'unhandle' | 'register' | 'unregister'>
  peerStore: Pick<PeerStore, 'patch' | 'get'>
  events: TypedEventTarget<Libp2pEvents>
  logger: ComponentLogger
}

/** What reachability is given by its siblings, and by tests. */
export interface ReachabilityInit {
  /** What is known of the NAT: behind one that filters, an observed UDP address is no address for strangers. */
  knowledge?: Pick<NatKnowledge, 'current'>
  /** @default addresses that are not private */
  isWorthAsking?: (address: Multiaddr) => boolean
  /** @default Date.now */
  now?: () => number
}

/** Events of a `ReachabilityMonitor`. */
export interface ReachabilityEvents {
  /** What is known of this node's addresses changed; all of them. */
  'address:change': CustomEvent<readonly OwnAddress[]>
}

/** Finds out by dial-backs who can reach this node, and answers those of others. */
export class ReachabilityMonitor extends TypedEventEmitter<ReachabilityEvents> {
  readonly #components: ReachabilityComponents
  readonly #knowledge: Pick<NatKnowledge, 'current'> | undefined
  readonly #isWorthAsking: (address: Multiaddr) => boolean
  readonly #now: () => number
  readonly #log: Logger
  readonly #client: DialBackClient
  readonly #server: DialBackServer
  readonly #verdicts = new Map<string, Verdict>()
  /** Addresses that are asked about now, and the peer that each is asked of. */
  readonly #asking = new Map<string, string>()
  readonly #verifiers = new Set<string>()
  readonly #contacts = new UdpContacts()
  readonly #onContact = ({ detail: { remoteAddr } }: CustomEvent<Connection>): void => {
    this.#contacts.note(remoteAddr, this.#now())
  }
  readonly #onChange = (): void => {
    this.refresh()
  }
  #shutdown = new AbortController()
  #topology: string | undefined
  #timer: NodeJS.Timeout | undefined
  #last = ''

  constructor(components: ReachabilityComponents, init: ReachabilityInit = {}) {
    super()
    this.#components = components
    this.#knowledge = init.knowledge
    this.#isWorthAsking = init.isWorthAsking ?? ((address) => !isPrivate(address))
    this.#now = init.now ?? Date.now
    this.#log = components.logger.forComponent('p2pshare:nat:reachability')
    this.#client = new DialBackClient(components)
    this.#server = new DialBackServer(components, this.#now, (address) => {
      this.#contacts.note(address, this.#now())
    })
  }

  async start(): Promise<void> {
    const { registrar, events } = this.#components
    this.#shutdown = new AbortController()
    await Promise.all([this.#client.start(), this.#server.start()])
    this.#topology = await registrar.register(DIAL_BACK_PROTOCOL, {
      onConnect: (peer) => {
        this.#verifiers.add(peer.toString())
        this.refresh()
      },
      onDisconnect: (peer) => {
        this.#verifiers.delete(peer.toString())
      }
    })
    for (const type of ['self:peer:update', 'transport:listening', 'transport:close'] as const) {
      events.addEventListener(type, this.#onChange)
    }
    events.addEventListener('connection:open', this.#onContact)
    events.addEventListener('connection:close', this.#onContact)
  }

  async stop(): Promise<void> {
    const { registrar, events } = this.#components
    for (const type of ['self:peer:update', 'transport:listening', 'transport:close'] as const) {
      events.removeEventListener(type, this.#onChange)
    }
    events.removeEventListener('connection:open', this.#onContact)
    events.removeEventListener('connection:close', this.#onContact)
    this.#shutdown.abort()
    clearTimeout(this.#timer)
    if (this.#topology !== undefined) {
      registrar.unregister(this.#topology)
    }
    await Promise.all([this.#client.stop(), this.#server.stop()])
    this.#verifiers.clear()
    this.#verdicts.clear()
    this.#contacts.clear()
  }

  /** Every address this node has, each once, and what is known about it. */
  addresses(): readonly OwnAddress[] {
    const all = this.#components.addressManager.getAddressesWithMetadata()
    return mergeAddresses(all.map((own) => describeAddress(own, this.#verdicts.get(own.multiaddr.toString()))))
  }

  /** Whether a connection is there only to try an address of this node or of the peer: it is closed in a moment. */
  isDialBack(connection: Connection): boolean {
    return this.#server.opens(connection) || this.#client.awaits(connection)
  }

  /** Look at the addresses again now: one is new, or somebody may have changed their mind about one. */
  refresh(): void {
    if (this.#shutdown.signal.aborted) {
      return
    }
    const now = this.#now()
    const all = this.#components.addressManager.getAddressesWithMetadata()
    this.#forget(all)
    for (const own of all) {
      this.#withdrawAgain(own)
      if (this.#isCandidate(own)) {
        this.#askAbout(own, now)
      }
    }
    this.#schedule(now)
    this.#tell()
  }

  /** An address that went and comes again leads through another mapping: what was found out holds no more. */
  #forget(all: readonly NodeAddress[]): void {
    const known = new Set(all.map(({ multiaddr }) => multiaddr.toString()))
    for (const key of this.#verdicts.keys()) {
      if (!known.has(key)) {
        this.#verdicts.delete(key)
      }
    }
  }

  #isCandidate({ multiaddr: address, type }: NodeAddress): boolean {
    if (isCircuit(address) || !isNetworkAddress(address) || !this.#isWorthAsking(address)) {
      return false
    }
    const filtering = this.#knowledge?.current(4)?.filtering
    // behind a NAT that filters only a peer that this node sent to gets in: its success is nobody else's
    return !(type === 'observed' && isUdp(address) && filtering !== undefined && filtering !== 'endpoint-independent')
  }

  #askAbout(own: NodeAddress, now: number): void {
    const { multiaddr: address, type } = own
    const key = address.toString()
    const verdict = this.#verdicts.get(key) ?? NO_VERDICT
    if (this.#asking.has(key) || this.#asking.size >= MAX_PENDING_ASKS) {
      return
    }
    // a peer joins two dials to this node into one, so it is asked about one address at a time
    const busy = new Set(this.#asking.values())
    const connections = this.#components.connectionManager.getConnections()
    const isContact = (host: Multiaddr): boolean => this.#contacts.has(host, now)
    const connection = verifiersFor(own, connections, isContact).find((candidate) => {
      const peer = candidate.remotePeer.toString()
      return this.#verifiers.has(peer) && !busy.has(peer) && mayAsk(verdict, peer, now)
    })
    if (connection === undefined) {
      return
    }
    this.#asking.set(key, connection.remotePeer.toString())
    void this.#ask(connection, address, type).finally(() => {
      this.#asking.delete(key)
      this.refresh()
    })
  }

  async #ask(connection: Connection, address: Multiaddr, type: NodeAddress['type']): Promise<void> {
    let result: DialBackResult
    try {
      result = await this.#client.ask(connection, address, { signal: this.#shutdown.signal })
    } catch (error) {
      this.#log('%p did not answer about %a: %e', connection.remotePeer, address, error)
      result = 'refused'
    }
    if (this.#shutdown.signal.aborted) {
      return
    }
    this.#log('%p says of %a: %s', connection.remotePeer, address, result)
    const key = address.toString()
    const before = this.#verdicts.get(key) ?? NO_VERDICT
    const verdict = nextVerdict(before, connection.remotePeer.toString(), result, this.#now())
    this.#remember(key, verdict)
    if (result === 'ok') {
      this.#components.addressManager.confirmObservedAddr(address, { type })
      if (before.status !== 'verified') {
        await announceNow(this.#components, this.#log)
      }
    } else if (verdict.status === 'unreachable' && before.status !== 'unreachable') {
      this.#withdraw(address)
      await announceNow(this.#components, this.#log)
    }
  }

  /** libp2p takes all ports of a mapped address for proven when one is, and so may announce one that failed here. */
  #withdrawAgain({ multiaddr: address, verified, type }: NodeAddress): void {
    if (type === 'ip-mapping' && verified && this.#verdicts.get(address.toString())?.status === 'unreachable') {
      this.#withdraw(address)
    }
  }

  #withdraw(address: Multiaddr): void {
    this.#components.addressManager.removeObservedAddr(address)
  }

  #remember(key: string, verdict: Verdict): void {
    this.#verdicts.delete(key)
    this.#verdicts.set(key, verdict)
    const [oldest] = this.#verdicts.keys()
    if (this.#verdicts.size > MAX_VERDICTS && oldest !== undefined) {
      this.#verdicts.delete(oldest)
    }
  }

  #schedule(now: number): void {
    clearTimeout(this.#timer)
    const due = [...this.#verdicts.values()].map(nextAskAt).filter((at) => at > now)
    if (due.length > 0) {
      this.#timer = setTimeout(this.#onChange, Math.min(...due) - now)
      this.#timer.unref()
    }
  }

  #tell(): void {
    const addresses = this.addresses()
    const text = addresses.map(({ address, reachability }) => `${address.toString()} ${reachability}`).join('\n')
    if (text !== this.#last) {
      this.#last = text
      this.safeDispatchEvent('address:change', { detail: addresses })
    }
  }
}
