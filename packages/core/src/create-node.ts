import { createLibp2p } from 'libp2p'
import type { Libp2pOptions } from 'libp2p'
import { openDataDirectory } from './data-directory.ts'
import type { DataDirectory } from './data-directory.ts'
import { ListenError } from './errors.ts'
import { listenFailure } from './listen-failure.ts'
import { ComposedNode } from './node.ts'
import { toLibp2pInit } from './options.ts'
import type { LightNodeOptions, NodeOptions } from './options.ts'
import { openProtector } from './private-network/protector.ts'
import { rememberPeers } from './remembered-peers.ts'
import { stopLibp2p } from './stop-libp2p.ts'
import type { LightServices, NodeServices, P2PShareNode } from './types.ts'

/**
 * A started node with all four services and defaults that suit most: TCP, TLS or noise, yamux, mDNS.
 *
 * @throws InvalidOptionError before anything is opened
 * @throws NetworkKeyPermissionsError, InvalidNetworkKeyError about `privateNetwork`
 * @throws IdentityPermissionsError, InvalidIdentityError, DataDirectoryError about `home`
 * @throws ListenError when an address is taken
 *
 * @example
 *
 * ```ts
 * const node = await createNode({ home: '/var/lib/p2pshare', bootstrap: ['/dns4/seed.example.org/tcp/4001'] })
 * const { ticket } = await node.share('/home/ann/holiday')
 * console.log(ticket)
 * ```
 */
export async function createNode(options: NodeOptions = {}): Promise<P2PShareNode> {
  // for its errors, before anything is opened
  toLibp2pInit(options, undefined)
  const { privateNetwork } = options
  const protector = privateNetwork === undefined ? undefined : await openProtector(privateNetwork)
  const home = options.home === undefined ? undefined : await openDataDirectory(options.home)
  return startNode<NodeServices>(() => toLibp2pInit(options, home, protector), options.signal, home)
}

/**
 * A started node of exactly the parts you pass, the smallest there can be. It needs a `transfer` service; `dht`,
 * `gossip` and `nat` are made known to it when they are there.
 *
 * @throws ListenError when an address is taken
 *
 * @example
 *
 * ```ts
 * const node = await createLightNode({
 *   transports: [tcp()],
 *   connectionEncrypters: [noise()],
 *   streamMuxers: [yamux()],
 *   services: { identify: identify(), transfer: transfer() }
 * })
 * ```
 */
export async function createLightNode<Services extends LightServices>(
  options: LightNodeOptions<Services>
): Promise<P2PShareNode<Services>> {
  const { signal, ...libp2pOptions } = options
  return startNode<Services>(() => libp2pOptions, signal, undefined)
}

/** Whatever fails, nothing stays open. */
async function startNode<Services extends LightServices>(
  getOptions: () => Libp2pOptions<Services>,
  signal: AbortSignal | undefined,
  home: DataDirectory | undefined
): Promise<P2PShareNode<Services>> {
  const close = async (): Promise<void> => home?.close()
  try {
    signal?.throwIfAborted()
    const options = getOptions()
    const libp2p = await createLibp2p<Services>({ ...options, start: false })
    rememberPeers(libp2p.peerStore)
    const { dht, gossip, nat, transfer } = libp2p.services
    if (gossip !== undefined) {
      dht?.use?.({ membership: gossip })
    }
    transfer.use({
      ...(dht === undefined ? {} : { routing: dht }),
      ...(gossip === undefined ? {} : { exchange: gossip, membership: gossip }),
      ...(nat === undefined ? {} : { paths: nat })
    })
    try {
      await libp2p.start()
      signal?.throwIfAborted()
    } catch (error) {
      await stopLibp2p(libp2p)
      throw asListenError(error, options)
    }
    const node = new ComposedNode({
      libp2p,
      listen: options.addresses?.listen ?? [],
      notices: home?.notices ?? [],
      close
    })
    node.announceShares()
    return node
  } catch (error) {
    await close()
    throw error
  }
}

function asListenError(error: unknown, { addresses }: Pick<Libp2pOptions, 'addresses'>): unknown {
  if (!(error instanceof Error) || error.name !== 'UnsupportedListenAddressesError') {
    return error
  }
  const reason = listenFailure(error.message)
  return new ListenError(addresses?.listen ?? [], { cause: error, ...(reason === undefined ? {} : { reason }) })
}
