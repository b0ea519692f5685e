import type { DialRankerComponents } from './dial/index.ts'
import type { PathManagerComponents } from './paths/index.ts'
import type { PortMapperComponents } from './port-map/index.ts'
import type { ProberComponents, StunServiceComponents } from './prober/index.ts'
import type { PunchCoordinator } from './punch/index.ts'
import type { ReachabilityComponents } from './reachability/index.ts'
import type { RelayClientComponents } from './relay/index.ts'

/** What `nat()` needs from the node that hosts it: what its parts need, which libp2p has. */
export type NatComponents = DialRankerComponents &
  PathManagerComponents &
  PortMapperComponents &
  ProberComponents &
  ReachabilityComponents &
  RelayClientComponents &
  StunServiceComponents &
  ConstructorParameters<typeof PunchCoordinator>[0]
