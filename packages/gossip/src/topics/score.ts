import type { TopicScoreParams } from '@libp2p/gossipsub/score'
import type { PeerScoreParams } from '@libp2p/gossipsub/score'

/**
 * gossipsub's score of a neighbour, as far as it differs from its defaults. A neighbour that is below -10 is told of
 * nothing (IHAVE), below -50 gets no message of ours, below -80 is not listened to.
 */
export function scoreParams(
  ipColocationWeight: number,
  appSpecificScore: (peer: string) => number,
  topics: readonly string[]
): Partial<PeerScoreParams> {
  return {
    // many peers on one address: off unless asked for. In a LAN, on one machine or behind a carrier's NAT the default (-5)
    // silences the eleventh honest node and all after it
    IPColocationFactorWeight: ipColocationWeight,
    // faults that this package saw: they count as they are, see Reputation
    appSpecificScore,
    appSpecificWeight: 1,
    // broken promises (IHAVE without the message) and grafting against a backoff: six slips are forgiven, they happen
    // whenever a node is busy; then it is quadratic
    behaviourPenaltyThreshold: 6,
    behaviourPenaltyWeight: -10,
    behaviourPenaltyDecay: 0.9,
    // long service earns no more than this: it must not outweigh an attack
    topicScoreCap: 10,
    // an hour: an attacker does not lose its bad score by reconnecting
    retainScore: 60 * 60 * 1000,
    topics: Object.fromEntries(topics.map((topic) => [topic, topicScoreParams()]))
  }
}

/**
 * How a neighbour is scored in one topic. Only for messages whose signature is wrong or that were rejected: thirteen
 * within a few seconds are the end of it. Being quiet is not punished (P3, P3b are off): our topics are quiet.
 */
export function topicScoreParams(): TopicScoreParams {
  return {
    topicWeight: 1,
    timeInMeshWeight: 0.01,
    timeInMeshQuantum: 1_000,
    timeInMeshCap: 300,
    firstMessageDeliveriesWeight: 0.1,
    firstMessageDeliveriesDecay: 0.9,
    firstMessageDeliveriesCap: 20,
    meshMessageDeliveriesWeight: 0,
    meshMessageDeliveriesDecay: 0.5,
    meshMessageDeliveriesCap: 100,
    meshMessageDeliveriesThreshold: 20,
    meshMessageDeliveriesWindow: 10,
    meshMessageDeliveriesActivation: 5_000,
    meshFailurePenaltyWeight: 0,
    meshFailurePenaltyDecay: 0.5,
    invalidMessageDeliveriesWeight: -1,
    // halves in seven seconds
    invalidMessageDeliveriesDecay: 0.9
  }
}
