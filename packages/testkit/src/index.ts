/**
 * @packageDocumentation
 *
 * What P2PShare's packages are tested with: networks of real libp2p nodes in one process, a clock that stands still,
 * repeatable randomness, bad networks made to order, and a look at what a test left open. The compliance suites are in
 * `@p2pshare/testkit/vitest` and `@p2pshare/testkit/node-test`.
 */
export { sleep, systemClock } from './clock.ts'
export type { Clock, ClockTimer } from './clock.ts'
export { FaultInjectedError, LeakError, RunawayClockError, SuiteUnavailableError } from './errors.ts'
export { faultyConnection } from './faults/connection.ts'
export type { CorruptFault, CutFault, DelayFault, Fault, FaultPlan, StallFault } from './faults/plan.ts'
export { faultyProtocol } from './faults/protocol.ts'
export type { StreamInfo, StreamPlan } from './faults/protocol.ts'
export { faultyStream, faultyStreamPair, streamPair } from './faults/stream.ts'
export { faultyTransport } from './faults/transport.ts'
export type { ConnectionInfo, ConnectionPlan } from './faults/transport.ts'
export { detectLeaks } from './leaks.ts'
export type { LeakCheckOptions, LeakDetector, LeakSources, ListenerSource } from './leaks.ts'
export { seededRandom, seedFromEnv } from './random.ts'
export type { Random } from './random.ts'
export { seededKey, seededPeerId } from './test-node.ts'
export { createTestnet } from './testnet.ts'
export type { BaseServices, NodeContext, Testnet, TestnetInit, TestNode } from './testnet.ts'
export type { Topology } from './topology.ts'
export { virtualClock } from './virtual-clock.ts'
export type { VirtualClock, VirtualClockInit } from './virtual-clock.ts'
