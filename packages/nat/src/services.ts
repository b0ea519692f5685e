import { identify, identifyPush } from '@libp2p/identify'
import type { Identify } from '@libp2p/identify'
import { ahead } from './ahead/index.ts'
import type { NatComponents } from './components.ts'
import { HOP_TIMEOUT_MS, IDENTIFY_PUSH_DEBOUNCE_MS, MAX_HOP_STREAMS, MAX_RELAYED_CONNECTIONS } from './constants.ts'
import type { Nat } from './index.ts'
import { NatService } from './nat.ts'
import type { NatLinks } from './nat.ts'
import { resolveNatOptions } from './options.ts'
import type { NatInit, NatOptions } from './options.ts'
import { limitedRelayServer, meteredCircuits } from './relay/index.ts'
import { standardAutoNAT, standardAutoNATv2, standardDCUtR } from './standard/index.ts'

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

/**
 * Finding out, mapping, relays, punching and paths alone, for a node that has identify and AutoNAT already;
 * `natServices()` has it all.
 */
export function nat(init: NatInit = {}, links: NatLinks = {}): (components: NatComponents) => Nat {
  const options = resolveNatOptions(init)
  return (components) => new NatService(components, options, links)
}

/** The services that `init` asks for, for the `services` of `createLibp2p`. Throws `InvalidOptionError`. */
export function natServices(init: NatInit = {}): NatServices {
  const options = resolveNatOptions(init)
  const made: { identify?: Identify; nat?: NatService } = {}
  // DCUtR is made before or after `nat`: it asks when it needs to know
  const knowledge = { current: (family: 4 | 6) => made.nat?.knowledge.current(family) }
  const quiet = {
    ...(options.autoNATv2 ? { autoNATv2: standardAutoNATv2() } : {}),
    ...(options.autoNATv1 ? { autoNATv1: standardAutoNAT() } : {}),
    ...(options.dcutr ? { dcutr: standardDCUtR({ knowledge }) } : {}),
    ...(options.relayServer ? { relay: relayServer(options) } : {})
  }
  return {
    ...quiet,
    identify: (components) => (made.identify = identify()(components)),
    identifyPush: identifyPush({ debounce: IDENTIFY_PUSH_DEBOUNCE_MS }),
    nat: (components) =>
      (made.nat = new NatService(components, options, {
        carryOver: async (connection) => made.identify?.identify(connection)
      }))
  }
}

/** The transport by which a node dials and is dialled through relays. `nat` takes places at relays by itself. */
export function natTransports(): [ReturnType<typeof meteredCircuits>] {
  return [ahead(meteredCircuits({ maxInboundStopStreams: MAX_RELAYED_CONNECTIONS }))]
}

function relayServer(options: NatOptions): ReturnType<typeof limitedRelayServer> {
  return limitedRelayServer({
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
