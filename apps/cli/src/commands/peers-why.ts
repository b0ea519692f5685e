import type { PeerId } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { P2PShareNode } from '@p2pshare/core'
import { Command } from 'commander'
import type { CommandContext, StartCommand } from '../context.ts'
import { countDownTo } from '../countdown.ts'
import { withDeadline } from '../deadline.ts'
import { PeerUnreachableError, UsageError } from '../errors.ts'
import { EXIT_CODES } from '../exit-codes.ts'
import { sleep } from '../sleep.ts'
import { untilTried } from '../until-tried.ts'
import { NO_ANSWER, unreachableReason, whyEvent, whyLines } from '../why-view.ts'
import type { WhyReport } from '../why-view.ts'

/** Finding a peer through the network and connecting to it takes seconds; an attempt for a direct connection up to ten more. */
const DEFAULT_WAIT_MS = 15_000

/** A round trip is measured for as long at most; who takes longer is shown without. */
const MEASURE_MS = 2000

/** Pause before the peer is dialled again: meanwhile the network may learn where it is. */
const RETRY_MS = 500

const PEER_ADVICE = 'p2pshare peers lists the peers that are there'

/** `p2pshare peers why`: connect to one peer, and say which path there is and why it is no better. */
export function peersWhyCommand(start: StartCommand): Command {
  return new Command('why')
    .description('connect to a peer (--timeout, 15s), and say which path there is, what was tried and why it failed')
    .argument('<peer>', 'peer id, or a multiaddr that ends in one')
    .action(async (peer: string, _options: unknown, command: Command) =>
      start(command.optsWithGlobals(), async (context) => runWhy(context, peer))
    )
}

async function runWhy(context: CommandContext, text: string): Promise<number> {
  const { io, options } = context
  const { peer, address } = parsePeer(text)
  const node = await context.openNode()
  const { nat } = node.services
  let failure: unknown
  let refused: string | undefined
  const [startedAt, begun] = [Date.now(), context.now()]
  await countDownTo(context, 'connecting', options.timeoutMs ?? DEFAULT_WAIT_MS, async (deadline) => {
    const attempt = untilTried(nat, peer, deadline)
    await connect(node, peer, address, deadline).catch((error: unknown) => {
      failure = error
      throw error
    })
    if (nat.path(peer).kind === 'relay') {
      refused = await attempt
    }
  })
  context.signal.throwIfAborted()
  if (nat.path(peer).kind !== 'none') {
    await withDeadline(context.signal, MEASURE_MS, async (signal) => {
      // who closes it at this moment is told of below
      await nat.measure(peer, { signal }).catch(() => undefined)
    })
  }
  context.signal.throwIfAborted()
  const explained = nat.explain(peer)
  const report: WhyReport = {
    ...explained,
    ...(refused === undefined ? {} : { refused }),
    // a dial that the end of the time cut off is told of only later, one that was never made not at all
    ...(explained.path.kind === 'none' && explained.dials.length === 0 && address !== undefined
      ? {
          dials: [{ address, startedAt, tookMs: context.now() - begun, outcome: 'failed', reason: dialReason(failure) }]
        }
      : {})
  }
  for (const line of whyLines(report)) {
    io.result(line)
  }
  io.event(whyEvent(report))
  if (report.path.kind === 'none') {
    // libp2p's own words would only name the peer again, or say that the time is over
    throw new PeerUnreachableError(`${peer.toString()}: ${unreachableReason(report.dials)}`)
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

/** Why the dial of a named address failed, in the words of what threw; an abort is the end of the time. */
function dialReason(error: unknown): string {
  const isCut = !(error instanceof Error) || error.name === 'AbortError' || error.name === 'TimeoutError'
  return isCut ? NO_ANSWER : error.message
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
