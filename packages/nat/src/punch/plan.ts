import type { DatagramAddress } from '@p2pshare/interface'
import type { PortPool, Strategy } from '../types.ts'
import { birthday } from './strategies/birthday.ts'
import { ipv6 } from './strategies/ipv6.ts'
import { lan } from './strategies/lan.ts'
import { mapped, open } from './strategies/public.ts'
import { portPool } from './strategies/port-pool.ts'
import { reversal } from './strategies/reversal.ts'
import { tcpSimultaneousOpen } from './strategies/tcp-simultaneous-open.ts'
import { udpPunch } from './strategies/udp-punch.ts'
import { webrtc } from './strategies/webrtc.ts'
import type { Description, Role } from './types.ts'

/** What one end does of a strategy. All steps of a plan start together, each after its delay. */
export type Step =
  /**
   * Probe these addresses from the listening sockets of their family. `open`: the responder is surely at the first one, and
   * lets the initiator in, so that one need not be heard from first.
   */
  | { readonly type: 'probe'; readonly targets: readonly DatagramAddress[]; readonly open?: boolean }
  /** Probe one address from many sockets. */
  | { readonly type: 'many-sockets'; readonly target: DatagramAddress; readonly sockets: number }
  /** Probe many ports of one host from the listening socket, those of the pool first. */
  | { readonly type: 'spray'; readonly host: string; readonly pool?: PortPool; readonly probes: number }
  /** Probe each port of a pool from each of a few sockets. */
  | { readonly type: 'sweep'; readonly host: string; readonly pool: PortPool; readonly sockets: number }
  /** Dial addresses over TCP. */
  | { readonly type: 'dial'; readonly targets: readonly DatagramAddress[] }
  /** Dial from a local port, at the moment that both ends agreed on. */
  | { readonly type: 'tcp-open'; readonly localPort: number; readonly target: DatagramAddress }
  /** Dial the peer's relayed address with WebRTC. */
  | { readonly type: 'webrtc' }
  /** The other end does it all. */
  | { readonly type: 'wait' }

/** A part of a plan: a step that is taken, or why there is none. */
export type PlanEntry =
  | { readonly strategy: Strategy; readonly step: Step; readonly delayMs: number }
  | { readonly strategy: Strategy; readonly reason: string }

/** What a plan is made of. Candidates of `theirs` are admitted ones. */
export interface PlanInput {
  readonly role: Role
  readonly mine: Description
  readonly theirs: Description
  /** The local port that this node's TCP outside address belongs to. */
  readonly tcpLocalPort?: number
}

/** One strategy's part. Pure. */
export type StrategyPlan = (input: PlanInput) => PlanEntry[]

const STRATEGIES: readonly StrategyPlan[] = [
  lan,
  ipv6,
  open,
  mapped,
  reversal,
  udpPunch,
  birthday,
  portPool,
  tcpSimultaneousOpen,
  webrtc
]

/**
 * What this end does to reach the other: every strategy, either with steps or with the reason why it is none. Both ends
 * make their plans of the same two descriptions, so they fit together. Pure.
 */
export function plan(input: PlanInput): readonly PlanEntry[] {
  return STRATEGIES.flatMap((strategy) => strategy(input))
}
