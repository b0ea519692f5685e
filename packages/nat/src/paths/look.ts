import type { Connection } from '@libp2p/interface'
import { KEEPALIVE_PROTOCOLS, MOVABLE_PROTOCOLS } from './constants.ts'
import type { ConnectionMeter } from './meter.ts'
import type { LinkLook } from './path-state.ts'

/** What a connection carries now. `movable`: long-lived streams of gossip are opened anew on what stays. */
export function lookAt(
  connection: Pick<Connection, 'id' | 'streams'>,
  meter: ConnectionMeter,
  movable: boolean
): LinkLook {
  meter.look(connection)
  const others = connection.streams.filter(({ protocol }) => !isOneOf(KEEPALIVE_PROTOCOLS, protocol))
  const data = others.filter(({ protocol }) => !isOneOf(MOVABLE_PROTOCOLS, protocol))
  return {
    id: connection.id,
    busy: data.length > 0,
    live: (movable ? data : others).length > 0,
    bytesIn: meter.bytesIn,
    bytesOut: meter.bytesOut
  }
}

/** One that is not negotiated yet is none of them. */
function isOneOf(prefixes: readonly string[], protocol: string | undefined): boolean {
  return protocol !== undefined && prefixes.some((prefix) => protocol.startsWith(prefix))
}
