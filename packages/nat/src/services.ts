import { autoNAT } from '@libp2p/autonat'
import { autoNATv2 } from '@libp2p/autonat-v2'
import { circuitRelayServer, circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import { dcutr } from '@libp2p/dcutr'
import { identify, identifyPush } from '@libp2p/identify'
import { NatService } from './nat.ts'
import type { Nat, NatComponents } from './nat.ts'
import { resolveNatOptions } from './options.ts'
import type { NatInit } from './options.ts'

/** What this node knows of paths and of its own reachability, as a libp2p service. Needs `identify` beside it. */
export function nat(): (components: NatComponents) => Nat {
  return (components) => new NatService(components)
}

/** Every service that reachability takes, for the `services` of `createLibp2p`. */
export interface NatServices {
  identify: ReturnType<typeof identify>
  identifyPush: ReturnType<typeof identifyPush>
  nat: ReturnType<typeof nat>
  autoNATv2?: ReturnType<typeof autoNATv2>
  autoNAT?: ReturnType<typeof autoNAT>
  dcutr?: ReturnType<typeof dcutr>
  relay?: ReturnType<typeof circuitRelayServer>
}

/** The services that `init` asks for; what is off is absent. */
export function natServices(init: NatInit = {}): NatServices {
  const options = resolveNatOptions(init)
  return {
    identify: identify(),
    identifyPush: identifyPush(),
    nat: nat(),
    ...(options.autoNATv2 ? { autoNATv2: autoNATv2() } : {}),
    ...(options.autoNATv1 ? { autoNAT: autoNAT() } : {}),
    ...(options.dcutr ? { dcutr: dcutr() } : {}),
    ...(options.relayServer
      ? {
          relay: circuitRelayServer({
            reservations: {
              maxReservations: options.relayMaxReservations,
              reservationTtl: options.relayReservationMs,
              defaultDurationLimit: options.relayMaxDurationMs,
              defaultDataLimit: BigInt(options.relayMaxBytes)
            }
          })
        }
      : {})
  }
}

/** The transport by which a node dials and is dialled through relays; listen on `/p2p-circuit` to be reachable. */
export function natTransports(): [ReturnType<typeof circuitRelayTransport>] {
  return [circuitRelayTransport()]
}
