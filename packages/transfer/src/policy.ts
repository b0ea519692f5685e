/**
 * @packageDocumentation
 *
 * The swarm policy of `@p2pshare/transfer` alone: pure, without a node, a stream or a clock of its own. For simulations and
 * for those who study or replace it; `npm run sim:swarm` of the repository runs it through many swarms.
 */
export { Bitfield } from './swarm/bitfield.ts'
export type { Range } from './swarm/bitfield.ts'
export type { Effects, PeerKey, PolicyEffect } from './swarm/effects.ts'
export { SharePolicy } from './swarm/policy.ts'
export type { SharePolicyInit } from './swarm/policy-init.ts'
export type { Upload, UploadQueue } from './swarm/upload-queue.ts'
export type { Run } from './wire/codec.ts'
