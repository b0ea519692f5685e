/**
 * @packageDocumentation
 *
 * Swarms in virtual time: a seeded model of uplinks, downlinks and delays, and what drives a swarm policy in it. The
 * shipped policy is `SharePolicy` of `@p2pshare/transfer/policy`; `npm run sim:swarm` runs it through the scenarios of
 * docs/swarm-scheduling.md.
 */
export { EventHash } from './sim/event-hash.ts'
export { EventQueue } from './sim/event-queue.ts'
export { fluidBoundMs } from './sim/fluid-bound.ts'
export type { BoundInit, BoundLeecher } from './sim/fluid-bound.ts'
export { SimNetwork } from './sim/network.ts'
export type { Brain, Parcel, SimLink, SimNetworkInit } from './sim/network.ts'
export { PolicyBrain } from './sim/policy-brain.ts'
export { simulateSwarm } from './sim/simulate-swarm.ts'
export type { Each, SwarmBrain, SwarmResult, SwarmScenario } from './sim/simulate-swarm.ts'
export { equalLeaves, SIM_BLOCK_BYTES } from './sim/swarm-node.ts'
export type { SimShare, SwarmNodeInit, SwarmProgress } from './sim/swarm-node.ts'
export type { SimRange, SimRun, SwarmEffect, SwarmMessage, SwarmPolicy } from './sim/swarm-policy.ts'
export { seededRandom } from './random.ts'
export type { Random } from './random.ts'
