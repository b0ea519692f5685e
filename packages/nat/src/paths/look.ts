import type { Connection } from '@libp2p/interface'
import { KEEPALIVE_PROTOCOLS, MOVABLE_PROTOCOLS, STANDING_PROTOCOLS } from './constants.ts'
import type { ConnectionMeter } from './meter.ts'
import type { LinkLook } from './path-state.ts'

const MAY_GO_IF_MOVABLE = [...KEEPALIVE_PROTOCOLS, ...MOVABLE_PROTOCOLS]
const WITHOUT_DATA = [...KEEPALIVE_PROTOCOLS, ...MOVABLE_PROTOCOLS, ...STANDING_PROTOCOLS]

/** What a connection carries now. `movable`: long-lived streams of gossip are opened anew on what stays. */
export function lookAt(
  connection: Pick<Connection, 'id' | 'streams'>,
  meter: ConnectionMeter,
  movable: boolean
): LinkLook {
  meter.look(connection)
  const { streams } = connection
  return {
    id: connection.id,
    busy: streams.some(({ protocol }) => carriesData(protocol)),
    // a stream that is not negotiated yet may become one that has to stay, and carries nothing till then
    live: streams.some(({ protocol }) => !isOneOf(movable ? MAY_GO_IF_MOVABLE : KEEPALIVE_PROTOCOLS, protocol)),
    bytesIn: meter.bytesIn,
    bytesOut: meter.bytesOut
  }
}

/** Whether a stream is one of those that somebody waits for. */
export function carriesData(protocol: string | undefined): boolean {
  return protocol !== undefined && !isOneOf(WITHOUT_DATA, protocol)
}

function isOneOf(prefixes: readonly string[], protocol: string | undefined): boolean {
  return protocol !== undefined && prefixes.some((prefix) => protocol.startsWith(prefix))
}
