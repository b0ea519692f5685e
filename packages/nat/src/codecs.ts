/**
 * @packageDocumentation
 *
 * What `@p2pshare/nat` reads from others, alone: every decoder with its bound, and the encoders beside them. For those who
 * test or implement the protocol; `npm run torture:fuzz` of the repository feeds each with garbage.
 */
export { MAX_PCP_BYTES, MAX_SSDP_BYTES, MAX_UPNP_BODY_BYTES } from './port-map/constants.ts'
export { findControl } from './port-map/upnp/description.ts'
export { decodeSearchAnswer } from './port-map/upnp/search.ts'
export { decodeAnswer as decodeSoapAnswer } from './port-map/upnp/soap.ts'
export { decodeNatPmpResponse } from './port-map/wire/nat-pmp.ts'
export { decodePcpResponse, encodePcpMap } from './port-map/wire/pcp.ts'
export { MAX_INFO_BYTES } from './prober/constants.ts'
export {
  decodeObserved,
  decodeStunInfo,
  decodeStunQuery,
  encodeObserved,
  encodeStunInfo,
  encodeStunQuery
} from './prober/wire/codec.ts'
export { MAX_MESSAGE_BYTES as MAX_PUNCH_BYTES } from './punch/constants.ts'
export { decodePunch, encodePunch } from './punch/wire/codec.ts'
export { PROBE_BYTES, ProbeCodec } from './punch/wire/probe.ts'
export { MAX_MESSAGE_BYTES as MAX_DIAL_BACK_BYTES } from './reachability/constants.ts'
export {
  decodeAnswer as decodeDialBackAnswer,
  decodeAsk,
  decodeProof,
  encodeAnswer as encodeDialBackAnswer,
  encodeAsk,
  encodeProof
} from './reachability/dial-back/wire.ts'
export { readSource } from './relay/stop-source.ts'
export { decodeStun, encodeStun } from './stun/codec.ts'
export { MAX_MESSAGE_BYTES as MAX_STUN_BYTES } from './stun/constants.ts'
