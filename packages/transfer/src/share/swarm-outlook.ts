import type { Limiter } from '../rate/limiter.ts'
import type { SharePolicy } from '../swarm/policy.ts'
import type { SwarmMember } from './member.ts'

/** How the sessions of a download stand. */
export interface SwarmOutlook {
  readonly connected: number
  /** Peers that hold something missing, or know the map while that is fetched. */
  readonly holders: number
  /** Of those, the ones that were asked for something that has not come. */
  readonly asked: number
  /** Leaves that came and are not on the disk. */
  readonly storing: number
  /** A cap of this node keeps it from reading from anybody for so long. */
  readonly capInMs: number
  /** The lowest cap over what comes, in bytes a second. */
  readonly cap: number
}

interface OutlookParts {
  readonly share: string
  readonly members: readonly SwarmMember[]
  /** Absent while the map is fetched: whoever knows it is asked for it. */
  readonly policy: Pick<SharePolicy, 'suppliers'> | undefined
  readonly storing: number
  readonly limiter: Pick<Limiter, 'pauseMs' | 'down'>
}

/** Look at the sessions of a share as they are now. */
export function swarmOutlook({ share, members, policy, storing, limiter }: OutlookParts, now: number): SwarmOutlook {
  const mappers = members.filter(({ knowsMap }) => knowsMap).length
  const paths = members.map(({ session }) => ({ share, peer: session.key }))
  return {
    connected: members.length,
    ...(policy?.suppliers ?? { holders: mappers, asked: mappers }),
    storing,
    capInMs: paths.length === 0 ? 0 : Math.min(...paths.map((path) => limiter.pauseMs(path, now))),
    cap: Math.min(...paths.map((path) => limiter.down.capOf(path)))
  }
}
