export type { OwnNetwork } from './admit.ts'
export type { PunchComponents } from './attempt.ts'
export { PUNCH_PROTOCOL } from './constants.ts'
export { PunchCoordinator } from './coordinator.ts'
export type { PunchEvents, PunchFailure, PunchSuccess } from './coordinator.ts'
export {
  NoRelayedConnectionError,
  PunchFailedError,
  PunchRefusedError,
  PunchUnsupportedError,
  StrategyFailedError,
  TooManyPunchesError
} from './errors.ts'
export { classifyHost } from './host-class.ts'
export type { HostClass } from './host-class.ts'
export { isDirect } from './opened.ts'
export { ALL_STRATEGIES } from './ways.ts'
export type { PunchInit } from './options.ts'
export type { Role } from './types.ts'
