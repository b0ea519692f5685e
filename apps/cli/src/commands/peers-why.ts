import type { PeerId } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { P2PShareNode } from '@p2pshare/core'
import { Command } from 'commander'
import type { CommandContext, StartCommand } from '../context.ts'
import { countDownTo } from '../countdown.ts'
import { PeerUnreachableError, UsageError } from '../errors.ts'
import { EXIT_CODES } from '../exit-codes.ts'
import { sleep } from '../sleep.ts'
import { whyEvent, whyLines } from '../why-view.ts'

/** Finding a peer through the network and connecting to it takes seconds; a hole punch up to three more. */
const DEFAULT_WAIT_MS = 10_000

/** How long a relayed connection is given to become a direct one, within the time there is. */
const DIRECT_WAIT_MS = 5_000

/** How often it is looked whether it did. */
const POLL_MS = 100

/** Pause before the peer is dialled again: meanwhile the network may learn where it is. */
const RETRY_MS = 500

const PEER_ADVICE = 'p2pshare peers lists the peers that are there'

/** `p2pshare peers why`: connect to one peer, and say which path there is and why it is no better. */
export function peersWhyCommand(start: StartCommand): Command {
  return new Command('why')
    .description('connect to a peer (--timeout, 10s), and say which path there is, what was tried and why it failed')
    .argument('<peer>', 'peer id, or a multiaddr that ends in one')
    .action(async (peer: string, _options: unknown, command: Command) =>
      start(command.optsWithGlobals(), async (context) => runWhy(context, peer))
    )
}

async function runWhy(context: CommandContext, text: string): Promise<number> {
  const { io, options } = context
  const { peer, address } = parsePeer(text)
  const node = await context.openNode()
  const waitMs = options.timeoutMs ?? DEFAULT_WAIT_MS
  let failure: unknown
  await countDownTo(context, 'connecting', waitMs, async (deadline) => {
    try {
      await connect(node, peer, address, deadline)
      await untilDirect(node, peer, deadline)
    } catch (error) {
      failure = error
    }
  })
  context.signal.throwIfAborted()
  const report = node.services.nat.explain(peer)
  for (const line of whyLines(report)) {
    io.result(line)
  }
  io.event(whyEvent(report))
  if (report.path.kind === 'none') {
    // libp2p's own words would only name the peer again
    throw report.dials.length === 0
      ? new PeerUnreachableError(`${peer.toString()}: no address of it is known here`)
      : new PeerUnreachableError(peer.toString(), failure === undefined ? {} : { cause: failure })
  }
  return EXIT_CODES.ok.code
}

/** Throws `UsageError`. */
export function parsePeer(text: string): { readonly peer: PeerId; readonly address?: Multiaddr } {
  try {
    if (!text.startsWith('/')) {
      return { peer: peerIdFromString(text) }
    }
    const address = multiaddr(text)
    const peer = address.getComponents().findLast(({ name }) => name === 'p2p')?.value
    if (peer !== undefined) {
      return { peer: peerIdFromString(peer), address }
    }
  } catch (cause) {
    throw new UsageError(`'${text}' is neither a peer id nor a multiaddr`, PEER_ADVICE, { cause })
  }
  throw new UsageError(`'${text}' has no peer id`, PEER_ADVICE)
}

/** Dial what was named; a bare peer id may take a while until the network knows where the peer is. */
async function connect(
  { libp2p, services }: P2PShareNode,
  peer: PeerId,
  address: Multiaddr | undefined,
  signal: AbortSignal
): Promise<void> {
  services.dialGate?.trust(address === undefined ? [] : [address], 'user')
  for (;;) {
    try {
      await libp2p.dial(address ?? peer, { signal })
      return
    } catch (error) {
      await sleep(RETRY_MS, signal)
      if (signal.aborted) {
        throw error
      }
    }
  }
}

async function untilDirect(node: P2PShareNode, peer: PeerId, signal: AbortSignal): Promise<void> {
  for (let waitedMs = 0; waitedMs < DIRECT_WAIT_MS && !signal.aborted; waitedMs += POLL_MS) {
    if (node.services.nat.path(peer).kind !== 'relay') {
      return
    }
    await sleep(POLL_MS, signal)
  }
}
