import { PolicyBrain } from '@p2pshare/testkit/sim'
import type { SimRun, SwarmMessage, SwarmNodeInit } from '@p2pshare/testkit/sim'
import { Bitfield, SharePolicy } from '@p2pshare/transfer/policy'

/** The shipped policy, as a node of the simulation. */
export function shippedBrain(node: SwarmNodeInit<SwarmMessage, SimRun>): PolicyBrain {
  const { leafCount, leafBytes } = node.share
  const all = Bitfield.full(leafCount)
  const none = new Bitfield(leafCount)
  const policy = new SharePolicy({
    leafCount,
    leafBytes,
    have: node.seeder ? all : none,
    missing: (node.seeder ? none : all).indices(),
    firstOffer: node.seeder ? Math.floor((leafCount * node.ordinal) / node.seeders) : 0,
    random: () => node.random(),
    canTake: (peer) => node.network.canTake(Number(peer))
  })
  return new PolicyBrain(node, policy)
}
