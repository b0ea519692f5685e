export { rtcConfiguration } from './rtc-configuration.ts'
export type { RtcConfiguration, RtcConfigurationInit } from './rtc-configuration.ts'
export type { TurnServer } from './turn-server.ts'
export { giveStunServers, withIce } from './with-ice.ts'
