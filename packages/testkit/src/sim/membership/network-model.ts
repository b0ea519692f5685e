import type { Random } from '../../random.ts'
import type { CpuModel } from './processors.ts'

/** Where the members of a simulation are and what is between them. Times are in milliseconds. */
export interface NetworkModel {
  /** Precision of virtual time. */
  readonly ticksPerMs: number
  /** Added to the way of each message: exponential with this mean. */
  readonly jitterMs: number
  /** A timer fires up to this much late. */
  readonly timerLagMs: number
  /** Share of packets that are lost: on a connection that is a delay of 250 ms and two ways, doubling. */
  readonly loss: number
  /** One way, without jitter. */
  oneWayMs(a: number, b: number): number
  /** Opening a connection that is not there: from asking for it until it can be used. */
  dialMs(to: number, oneWayMs: number): number
  /** A dead one's host answers that nobody listens there, instead of saying nothing. */
  refuses(node: number): boolean
  /** Connections to a process that stands still are given up after between so long and so long; absent: they stand. */
  readonly patienceMs?: readonly [least: number, most: number]
  /** Absent: processes cost nothing. */
  readonly cpu?: CpuModel
}

/** The members anywhere, most of them behind NATs: the model of the study (round trips of about 80 ms). */
export interface WanInit {
  /** @default 0 */
  readonly loss?: number
  /** Share of the members that are behind a NAT. @default 0.6 */
  readonly natShare?: number
}

const WAN_TICKS_PER_MS = 8
const CRYPTO_MS = 40
const RELAY_MS = 40

/** One way 5 + 60 · distance on a unit square + Exp(4) ms; a fifth of the pairs behind NATs goes through relays. */
export function wanModel(members: number, random: Random, { loss = 0, natShare = 0.6 }: WanInit = {}): NetworkModel {
  const x = Float32Array.from({ length: members }, () => random.float())
  const y = Float32Array.from({ length: members }, () => random.float())
  const nat = Uint8Array.from({ length: members }, () => (random.float() < natShare ? 1 : 0))
  const relayed = (a: number, b: number): boolean =>
    nat[a] === 1 && nat[b] === 1 && (Math.min(a, b) * 31 + Math.max(a, b) * 17 + (a ^ b) * 7) % 5 === 0
  return {
    ticksPerMs: WAN_TICKS_PER_MS,
    jitterMs: 4,
    timerLagMs: 1,
    loss,
    oneWayMs: (a, b) => {
      const distance = Math.hypot((x[a] ?? 0) - (x[b] ?? 0), (y[a] ?? 0) - (y[b] ?? 0))
      return 5 + 60 * distance + (relayed(a, b) ? RELAY_MS : 0)
    },
    dialMs: (to, oneWayMs) => (nat[to] === 1 ? 2 : 1) * (4 * oneWayMs + CRYPTO_MS),
    refuses: (node) => nat[node] === 0
  }
}

/** Processes of one machine: what `bench:gossip` has. */
export interface LoopbackInit {
  /** A message through two event loops and a socket. @default 0.2 */
  readonly oneWayMs?: number
  /** Mean of what is added. @default 0.3 */
  readonly jitterMs?: number
  /** From asking for a connection that is not there until a link is up over it, beyond four ways. @default 8 */
  readonly dialMs?: number
  /** A timer fires up to this much late. @default 1 */
  readonly timerLagMs?: number
  /** @default processes cost nothing */
  readonly cpu?: CpuModel
}

/** libp2p's connection monitor asks every 10 s and waits for 5 s. */
const MONITOR_MS = [5000, 15_000] as const

const LOOPBACK_TICKS_PER_MS = 32

/** One way 0.2 + Exp(0.3) ms unless it is told what was measured; whoever is gone refuses. */
export function loopbackModel({
  oneWayMs = 0.2,
  jitterMs = 0.3,
  dialMs = 8,
  timerLagMs = 1,
  cpu
}: LoopbackInit = {}): NetworkModel {
  return {
    ticksPerMs: LOOPBACK_TICKS_PER_MS,
    jitterMs,
    timerLagMs,
    loss: 0,
    oneWayMs: () => oneWayMs,
    dialMs: (_to, oneWay) => 4 * oneWay + dialMs,
    refuses: () => true,
    patienceMs: MONITOR_MS,
    ...(cpu === undefined ? {} : { cpu })
  }
}
