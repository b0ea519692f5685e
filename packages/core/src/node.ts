import type { AbortOptions, Libp2p, Logger, PeerId } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import type { Multiaddr } from '@multiformats/multiaddr'
import { InvalidOptionError, NotStartedError } from '@p2pshare/interface'
import type { Path, Provider } from '@p2pshare/interface'
import { checkName, encodeTicket, parseSource, toLink, withSecret } from '@p2pshare/transfer'
import type {
  Ban,
  BanOptions,
  BlockOptions,
  Choice,
  GetOptions,
  ImportOptions,
  LimitsInForce,
  RateLimits,
  ReadOptions,
  Share,
  Ticket,
  TransferEvent
} from '@p2pshare/transfer'
import { setMaxListeners } from 'main-event'
import { CID } from 'multiformats/cid'
import { whenBootstrapWasTried } from './announce.ts'
import { stopLibp2p } from './stop-libp2p.ts'
import { pickTicketAddresses } from './ticket-addresses.ts'
import type { LightServices, Notice, P2PShareNode, PeerInfoView, ShareNodeOptions, ShareResult } from './types.ts'

/** What a node is made from. */
export interface ComposedNodeInit<Services extends LightServices> {
  readonly libp2p: Libp2p<Services>
  readonly listen: readonly string[]
  readonly notices: readonly Notice[]
  /** Runs last when the node stops. */
  readonly close: () => Promise<void>
}

/** Joins what the services do; it keeps no state but the promise of `stop()`. */
export class ComposedNode<Services extends LightServices> implements P2PShareNode<Services> {
  readonly peerId: PeerId
  readonly libp2p: Libp2p<Services>
  readonly services: Services
  readonly notices: readonly Notice[]
  readonly #listen: readonly Multiaddr[]
  readonly #close: () => Promise<void>
  readonly #log: Logger
  readonly #stopping = new AbortController()
  #stopped: Promise<void> | undefined

  constructor({ libp2p, listen, notices, close }: ComposedNodeInit<Services>) {
    this.libp2p = libp2p
    this.peerId = libp2p.peerId
    this.services = libp2p.services
    this.notices = notices
    this.#listen = listen.map((address) => multiaddr(address))
    this.#close = close
    setMaxListeners(Infinity, this.#stopping.signal)
    this.#log = libp2p.logger.forComponent('p2pshare:node')
  }

  /** Shares of an earlier run: the DHT of this run has not heard of them. Does not wait. */
  announceShares(): void {
    for (const { root } of this.shares()) {
      this.#announce(root, { signal: this.#stopping.signal }).catch((error: unknown) => {
        this.#log('did not announce %c - %e', root, error)
      })
    }
  }

  addresses(): string[] {
    return this.#ownAddresses().map((address) => address.toString())
  }

  async share(path: string, options: ShareNodeOptions = {}): Promise<ShareResult> {
    const { announce = true, ...importOptions } = options
    const share = await this.services.transfer.share(path, importOptions)
    if (announce) {
      await this.#announce(share.root, options)
    }
    const ticket = this.#ticketFor(share)
    return { ...share, ticket, link: toLink(ticket) }
  }

  async *get(source: string | CID, options: GetOptions = {}): AsyncGenerator<TransferEvent, void, undefined> {
    const { root, name, providers, secret } = this.#meant(source, options)
    yield* this.services.transfer.get(root, {
      ...(name === undefined ? {} : { name }),
      ...(secret === undefined ? {} : { secret }),
      ...options,
      providers: [...providers, ...(options.providers ?? [])]
    })
  }

  async choose(source: string | CID, choice: Choice, options: AbortOptions = {}): Promise<void> {
    await this.services.transfer.choose(toTicket(source).root, choice, options)
  }

  async *read(source: string | CID, options: ReadOptions = {}): AsyncGenerator<Uint8Array, void, undefined> {
    const { root, providers, secret } = this.#meant(source, options)
    yield* this.services.transfer.read(root, {
      ...(secret === undefined ? {} : { secret }),
      ...options,
      providers: [...providers, ...(options.providers ?? [])]
    })
  }

  async id(path: string, options: ImportOptions = {}): Promise<CID> {
    return this.services.transfer.id(path, options)
  }

  async block(source: string | CID, options: BlockOptions = {}): Promise<Uint8Array> {
    const { root, providers } = this.#meant(source, options)
    return this.services.transfer.block(root, { ...options, providers: [...providers, ...(options.providers ?? [])] })
  }

  async *find(root: string | CID, options: AbortOptions = {}): AsyncGenerator<Provider, void, undefined> {
    const { dht } = this.services
    if (dht !== undefined) {
      yield* dht.findProviders(toTicket(root).root, options)
    }
  }

  shares(): readonly Share[] {
    return this.services.transfer.shares()
  }

  async unshare(root: string | CID, options: AbortOptions = {}): Promise<void> {
    await this.services.transfer.unshare(toTicket(root).root, options)
  }

  peers(): readonly PeerInfoView[] {
    const { gossip } = this.services
    const ids = new Map<string, PeerId>()
    for (const id of [...this.libp2p.getPeers(), ...(gossip?.members().map((member) => member.id) ?? [])]) {
      ids.set(id.toString(), id)
    }
    return [...ids.values()].map((id) => ({
      id,
      path: this.#pathTo(id),
      state: gossip?.member(id)?.state ?? 'unknown'
    }))
  }

  setLimits(limits: RateLimits): void {
    this.services.transfer.setLimits(limits)
  }

  limitShare(root: string | CID, limits: RateLimits): void {
    this.services.transfer.limitShare(toTicket(root).root, limits)
  }

  limitPeer(peer: string | PeerId, limits: RateLimits): void {
    this.services.transfer.limitPeer(toPeerId(peer), limits)
  }

  limits(): LimitsInForce {
    return this.services.transfer.limits()
  }

  bans(): readonly Ban[] {
    return this.services.transfer.bans()
  }

  async ban(peer: string | PeerId, options: BanOptions = {}): Promise<Ban> {
    return this.services.transfer.ban(toPeerId(peer), options)
  }

  async unban(peer: string | PeerId, options: AbortOptions = {}): Promise<boolean> {
    return this.services.transfer.unban(toPeerId(peer), options)
  }

  async stop(): Promise<void> {
    if (this.#stopped === undefined) {
      this.#stopping.abort(new NotStartedError('the node was stopped'))
      this.#stopped = stopLibp2p(this.libp2p).finally(this.#close)
    }
    return this.#stopped
  }

  /** What a source names; its addresses, and those given with it, may be dialled wherever they lead. */
  #meant(source: string | CID, { providers = [] }: Pick<GetOptions, 'providers'>): Ticket {
    const ticket = toTicket(source)
    const { dialGate } = this.services
    dialGate?.trust(addressesOf(ticket.providers), 'ticket')
    dialGate?.trust(addressesOf(providers), 'user')
    return ticket
  }

  /** A share that cannot be announced now is a share all the same: its ticket works, and the DHT tries again. */
  async #announce(root: CID, { signal }: AbortOptions): Promise<void> {
    const options = signal === undefined ? {} : { signal }
    try {
      await whenBootstrapWasTried(this.libp2p, options)
      await this.services.transfer.announce(root, options)
    } catch (error) {
      signal?.throwIfAborted()
      this.#log.error('could not announce %c - %e', root, error)
    }
  }

  #ticketFor({ root, name, bytes, secret }: Share): string {
    const multiaddrs = pickTicketAddresses(this.#ownAddresses(), this.#listen)
    const ticket = encodeTicket({
      root,
      bytes,
      ...(secret === undefined ? {} : { isPrivate: true }),
      // a name that no receiver accepts would make a ticket that none accepts
      ...(isAcceptable(name) ? { name } : {}),
      providers: [{ id: this.peerId, multiaddrs }]
    })
    return secret === undefined ? ticket : withSecret(ticket, root, secret)
  }

  /**
   * What libp2p announces, and public addresses of this machine that it listens on: nobody has dialled them yet, and the
   * first who does needs to know them.
   */
  #ownAddresses(): Multiaddr[] {
    const announced = this.libp2p.getMultiaddrs()
    const known = new Set(announced.map((address) => address.toString()))
    const untried = (this.services.nat?.reachability?.() ?? [])
      .filter(({ kind, reachability }) => kind === 'transport' && reachability === 'unverified')
      .map(({ address }) =>
        address.getComponents().some(({ name }) => name === 'p2p')
          ? address
          : address.encapsulate(`/p2p/${this.peerId.toString()}`)
      )
      .filter((address) => !known.has(address.toString()))
    return [...announced, ...untried]
  }

  #pathTo(id: PeerId): Path {
    const { nat } = this.services
    if (nat !== undefined) {
      return nat.path(id)
    }
    const connections = this.libp2p.getConnections(id)
    const connection = connections.find(({ limits }) => limits === undefined) ?? connections[0]
    if (connection === undefined) {
      return { kind: 'none' }
    }
    return { kind: connection.limits === undefined ? 'direct' : 'relay', address: connection.remoteAddr }
  }
}

function addressesOf(providers: readonly Provider[]): Multiaddr[] {
  return providers.flatMap(({ multiaddrs }) => [...multiaddrs])
}

/** Whether a receiver would take this name. */
function isAcceptable(name: string): boolean {
  try {
    return checkName(name) === name
  } catch {
    return false
  }
}

function toPeerId(peer: string | PeerId): PeerId {
  try {
    return typeof peer === 'string' ? peerIdFromString(peer) : peer
  } catch (cause) {
    throw new InvalidOptionError('peer', 'not a peer id', { cause })
  }
}

function toTicket(source: string | CID): Ticket {
  if (typeof source === 'string') {
    return parseSource(source)
  }
  // a CID of another copy of multiformats is one too
  const root = CID.asCID(source)
  if (root === null) {
    throw new InvalidOptionError('source', 'neither text nor a CID')
  }
  return { root, providers: [] }
}
