import { Command } from 'commander'
import type { PeerInfoView } from '@p2pshare/core'
import type { CommandContext, StartCommand } from '../context.ts'
import { EXIT_CODES } from '../exit-codes.ts'
import { cliEvent } from '../json.ts'
import type { CliEvent } from '../json.ts'
import { NOBODY_THERE, meetOthers } from '../meet.ts'
import { formatBytes } from '../units.ts'
import { peersWhyCommand } from './peers-why.ts'

/** `p2pshare peers`: who is there. */
export function peersCommand(start: StartCommand): Command {
  return new Command('peers')
    .description('connect, wait a moment (--timeout, 3s), and list the peers that are there')
    .action(async (_options: unknown, command: Command) => start(command.optsWithGlobals(), runPeers))
    .addCommand(peersWhyCommand(start))
}

async function runPeers(context: CommandContext): Promise<number> {
  const { io } = context
  const peers = (await meetOthers(context)).peers()
  for (const peer of peers) {
    io.row(peerFields(peer))
    io.event(peerEvent(peer))
  }
  if (peers.length === 0) {
    io.note(NOBODY_THERE)
  }
  return EXIT_CODES.ok.code
}

/** Peer id, path, address, round trip, membership, bytes over relays; `-` for what is not known. */
export function peerFields(peer: PeerInfoView): string[] {
  const { kind, address, rttMs, relayedBytes } = peer.path
  const rtt = rttMs === undefined ? '-' : `${rttMs.toFixed(1)} ms`
  const relayed = relayedBytes === undefined ? '-' : `${formatBytes(relayedBytes)} relayed`
  return [peer.id.toString(), kind, address?.toString() ?? '-', rtt, peer.state, relayed]
}

function peerEvent(peer: PeerInfoView): CliEvent {
  const { kind, address, rttMs, relayedBytes } = peer.path
  return cliEvent('peer', {
    peer: peer.id.toString(),
    path: kind,
    ...(address === undefined ? {} : { address: address.toString() }),
    ...(rttMs === undefined ? {} : { rttMs }),
    ...(relayedBytes === undefined ? {} : { relayedBytes }),
    state: peer.state
  })
}
