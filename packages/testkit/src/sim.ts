/**
 * @packageDocumentation
 *
 * Swarms in virtual time: a seeded model of uplinks, downlinks and delays, and what drives a swarm policy in it. The
 * shipped policy is `SharePolicy` of `@p2pshare/transfer/policy`; `npm run sim:swarm` runs it through the scenarios of
 * docs/swarm-scheduling.md.
 *
 * Clusters in virtual time: links, dials, stalls, partitions and crashes, and what every member knows of every other. The
 * shipped machine is `createMachine` of `@p2pshare/gossip/membership`; `npm run sim:gossip` runs it.
 *
 * Kademlia networks in virtual time: up to a million nodes with their tables, delays, dead contacts and Sybils, and what one
 * search or announcement meets. The shipped rules are `@p2pshare/dht/rules`; `npm run sim:dht` runs them.
 */
export { ChurningNetwork } from './sim/dht/churning.ts'
export type { ChurnClass, ChurningInit, Snapshot } from './sim/dht/churning.ts'
export { firstWorking } from './sim/dht/hedged-dials.ts'
export type { DialOutcome, HedgeInit } from './sim/dht/hedged-dials.ts'
export type { DhtAsk, DhtLookup, DhtPatience, DhtStep } from './sim/dht/lookup.ts'
export { runOperation } from './sim/dht/operation.ts'
export type { OperationInit, OperationResult } from './sim/dht/operation.ts'
export { DhtPopulation, FATE } from './sim/dht/population.ts'
export type { PopulationInit } from './sim/dht/population.ts'
export { DHT_K } from './sim/dht/position.ts'
export type { DhtPosition } from './sim/dht/position.ts'
export { kademliaTables, trieTables } from './sim/dht/tables.ts'
export type { DhtTables, TablesInit } from './sim/dht/tables.ts'
export { DhtWorld, WIDE_AREA } from './sim/dht/world.ts'
export type { DhtDelays, RequestOutcome, WorldInit } from './sim/dht/world.ts'
export { EventHash } from './sim/event-hash.ts'
export { EventQueue } from './sim/event-queue.ts'
export { fluidBoundMs } from './sim/fluid-bound.ts'
export type { BoundInit, BoundLeecher } from './sim/fluid-bound.ts'
export type { MemberBrain, MemberLinkEnd, MemberNews, MemberPort } from './sim/membership/brain.ts'
export {
  goalRounds,
  memberlistBytesPerSecond,
  memberlistCrashMs,
  memberlistMaxSuspicionMs,
  memberlistMinSuspicionMs,
  memberlistPushPullMs,
  memberlistSpreadMs,
  MEMBERLIST_LAN,
  MEMBERLIST_WAN,
  pushRounds,
  swimFirstDetectionMs
} from './sim/membership/formulas.ts'
export type { MemberlistConfig, TrafficSizes } from './sim/membership/formulas.ts'
export { churn, flap, stallSome } from './sim/membership/happenings.ts'
export type { ChurnInit, FlappingInit, StallsInit } from './sim/membership/happenings.ts'
export { MemberNetwork } from './sim/membership/network.ts'
export type { MemberNetworkInit } from './sim/membership/network.ts'
export { loopbackModel, wanModel } from './sim/membership/network-model.ts'
export type { LoopbackInit, NetworkModel, WanInit } from './sim/membership/network-model.ts'
export type { CpuModel } from './sim/membership/processors.ts'
export { MembershipSimulation, SIM_EPOCH_MS } from './sim/membership/simulation.ts'
export type { MakeMember, MemberInit, MembershipSimulationInit } from './sim/membership/simulation.ts'
export { MemberViews } from './sim/membership/views.ts'
export type { TrackedEvent, ViewFaults } from './sim/membership/views.ts'
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
