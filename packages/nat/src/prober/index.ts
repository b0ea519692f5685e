export type { ClockOffset } from './clock.ts'
export { OBSERVED_PROTOCOL, STUN_PROTOCOL } from './constants.ts'
export { Prober } from './prober.ts'
export type { ProberComponents, ProberEvents, ProberInit } from './prober.ts'
export { makeReport, toReportedMapping } from './report.ts'
export type {
  Finding,
  FindingLevel,
  NatReport,
  NatReporter,
  NatReportOptions,
  ReportedAddress,
  ReportedMapping,
  ReportedRelay,
  ReportParts
} from './report.ts'
export { StunService } from './stun-service.ts'
export type { StunServiceComponents, StunServiceInit } from './stun-service.ts'
export type { KnownServer } from './server-book.ts'
