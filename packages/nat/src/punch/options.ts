import type { PeerId } from '@libp2p/interface'
import type { NatKnowledge, Strategy } from '../types.ts'
import type { OwnNetwork } from './admit.ts'
import { systemClock } from './clock.ts'
import type { Clock } from './clock.ts'
import { classifyHost } from './host-class.ts'
import type { HostClass } from './host-class.ts'
import { systemNetworks } from './networks.ts'
import type { RandomNumber } from './ports.ts'
import { ALL_STRATEGIES } from './ways.ts'

/** How holes are punched. */
export interface PunchInit {
  /** What is known of this node's NAT; without it only addresses that need no punching are tried. */
  readonly knowledge?: NatKnowledge

  /**
   * Punch by itself when a peer is met over a relay, and again after each wait when it failed.
   *
   * @default true
   */
  readonly automatic?: boolean

  /**
   * Ways that may be tried. Those for which a transport is missing are left out in any case.
   *
   * @default all of them
   */
  readonly strategies?: readonly Strategy[]

  /**
   * Hosts at which servers or relays saw a peer; what it says of itself has to be among them, for each family of which
   * there is one.
   *
   * @default nothing is known
   */
  readonly observed?: (peer: PeerId) => readonly string[]

  /**
   * Which hosts may be sent to; another one than the default is for networks that are not what they look like, as in
   * tests.
   *
   * @default `classifyHost`
   */
  readonly classify?: (host: string) => HostClass

  /** The networks this machine is in. @default those of the system */
  readonly networks?: () => readonly OwnNetwork[]

  /** @default the system's */
  readonly clock?: Clock

  /** Decides the order of ports. @default Math.random */
  readonly random?: RandomNumber
}

/** With every default filled in. */
export type PunchOptions = Required<Omit<PunchInit, 'knowledge'>> & Pick<PunchInit, 'knowledge'>

/** Fills the defaults in. */
export function resolvePunchOptions(init: PunchInit): PunchOptions {
  return {
    automatic: true,
    strategies: ALL_STRATEGIES,
    observed: () => [],
    classify: classifyHost,
    networks: systemNetworks,
    clock: systemClock,
    random: Math.random,
    ...init
  }
}
