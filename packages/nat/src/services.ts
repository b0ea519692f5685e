import { autoNAT } from '@libp2p/autonat'
import { autoNATv2 } from '@libp2p/autonat-v2'
import { circuitRelayServer, circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import { dcutr } from '@libp2p/dcutr'
import { identify, identifyPush } from '@libp2p/identify'
import { HOP_TIMEOUT_MS, MAX_HOP_STREAMS, MAX_RELAYED_CONNECTIONS } from './constants.ts'
import type { Nat, NatComponents } from './index.ts'
import { NatService } from './nat.ts'
import { resolveNatOptions } from './options.ts'
import type { NatInit, NatOptions } from './options.ts'

/**
 * Every service that reachability takes, under the names they get in `libp2p.services`. Beside these there are
 * `autoNATv2`, `autoNATv1`, `dcutr` and `relay` when `NatInit` asks for them: they have nothing to call.
 */
// eslint-disable-next-line @typescript-eslint/consistent-type-definitions -- createLibp2p wants an index signature
export type NatServices = {
  identify: ReturnType<typeof identify>
  identifyPush: ReturnType<typeof identifyPush>
  nat: (components: NatComponents) => Nat
}

/** The view alone, for a node that has identify, relays and AutoNAT already; `natServices()` has it all. */
export function nat(): (components: NatComponents) => Nat {
  return (components) => new NatService(components)
}

/** The services that `init` asks for, for the `services` of `createLibp2p`. Throws `InvalidOptionError`. */
export function natServices(init: NatInit = {}): NatServices {
  const options = resolveNatOptions(init)
  const quiet = {
    ...(options.autoNATv2 ? { autoNATv2: autoNATv2() } : {}),
    ...(options.autoNATv1 ? { autoNATv1: autoNAT() } : {}),
    ...(options.dcutr ? { dcutr: dcutr() } : {}),
    ...(options.relayServer ? { relay: relayServer(options) } : {})
  }
  return { ...quiet, identify: identify(), identifyPush: identifyPush(), nat: nat() }
}

/** The transport by which a node dials and is dialled through relays; listen on `/p2p-circuit` to be reachable. */
export function natTransports(): [ReturnType<typeof circuitRelayTransport>] {
  return [circuitRelayTransport({ maxInboundStopStreams: MAX_RELAYED_CONNECTIONS })]
}

function relayServer(options: NatOptions): ReturnType<typeof circuitRelayServer> {
  return circuitRelayServer({
    hopTimeout: HOP_TIMEOUT_MS,
    maxInboundHopStreams: MAX_HOP_STREAMS,
    maxOutboundHopStreams: MAX_HOP_STREAMS,
    maxOutboundStopStreams: MAX_RELAYED_CONNECTIONS,
    reservations: {
      maxReservations: options.relayMaxReservations,
      reservationTtl: options.relayReservationMs,
      defaultDurationLimit: options.relayMaxDurationMs,
      defaultDataLimit: BigInt(options.relayMaxBytes)
    }
  })
}
