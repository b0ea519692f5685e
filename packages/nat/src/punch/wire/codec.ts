import { InvalidMessageError } from '@p2pshare/interface'
import { ipFromBytes, ipToBytes } from '../../stun/ip.ts'
import type { FilteringBehaviour, MappingBehaviour } from '../../types.ts'
import {
  ATTEMPT_BYTES,
  MAX_CANDIDATES,
  MAX_MESSAGE_BYTES,
  MAX_NATS,
  MAX_WAYS,
  SECRET_BYTES,
  UPGRADE_TRIES
} from '../constants.ts'
import type { Candidate, CandidateKind, Description, NatView, PunchMessage } from '../types.ts'
import { ALL_STRATEGIES } from '../ways.ts'
import { Candidate as WireCandidate, Nat as WireNat, Punch } from './messages.ts'
import { unpack } from './unpack.ts'

/** Their numbers on the wire are their places, from 1. Append only. */
const KINDS: readonly CandidateKind[] = ['interface', 'open', 'forwarded', 'outside']

const BEHAVIOURS = new Map<MappingBehaviour, WireNat.Behaviour>([
  ['none', WireNat.Behaviour.NO_NAT],
  ['endpoint-independent', WireNat.Behaviour.ENDPOINT_INDEPENDENT],
  ['address-dependent', WireNat.Behaviour.ADDRESS_DEPENDENT],
  ['address-and-port-dependent', WireNat.Behaviour.ADDRESS_AND_PORT_DEPENDENT]
])

/** Lists of numbers, `streamIds` and `ways`: other implementations send them packed, as proto3 has it. */
const PACKABLE: ReadonlySet<number> = new Set([6, 7])

/** What goes over the limits stays out, so the result can always be decoded. */
export function encodePunch(message: PunchMessage): Uint8Array {
  switch (message.type) {
    case 'ask':
      return encode({ ...toWire(message.about), type: Punch.Type.ASK, ...halves(message.secret, message.attempt) })
    case 'answer':
      return encode({ ...toWire(message.about), type: Punch.Type.ANSWER, ...halves(message.secret) })
    case 'go':
      return encode({ type: Punch.Type.GO })
    case 'refused':
      return encode({
        type: Punch.Type.REFUSED,
        refusal: message.refusal === 'busy' ? Punch.Refusal.BUSY : Punch.Refusal.SUPERSEDED
      })
  }
}

/** Throws `InvalidMessageError` for what no honest node sends. Which addresses may be used is decided elsewhere. */
export function decodePunch(bytes: Uint8Array): PunchMessage {
  if (bytes.byteLength > MAX_MESSAGE_BYTES) {
    throw new InvalidMessageError(`punch: ${bytes.byteLength} bytes, at most ${MAX_MESSAGE_BYTES}`)
  }
  const wire = decode(bytes)
  switch (wire.type) {
    case Punch.Type.ASK:
      return {
        type: 'ask',
        attempt: exactly('attempt', wire.attempt, ATTEMPT_BYTES),
        secret: exactly('secret', wire.secret, SECRET_BYTES),
        about: fromWire(wire)
      }
    case Punch.Type.ANSWER:
      return { type: 'answer', secret: exactly('secret', wire.secret, SECRET_BYTES), about: fromWire(wire) }
    case Punch.Type.GO:
      return { type: 'go' }
    case Punch.Type.REFUSED:
      return { type: 'refused', refusal: wire.refusal === Punch.Refusal.SUPERSEDED ? 'superseded' : 'busy' }
    case Punch.Type.UNSPECIFIED:
      throw new InvalidMessageError('punch.type: unspecified')
  }
}

function encode(fields: Partial<Punch>): Uint8Array {
  return Punch.encode(fields)
}

function decode(bytes: Uint8Array): Punch {
  try {
    return Punch.decode(unpack(bytes, PACKABLE), {
      limits: { candidates: MAX_CANDIDATES, nats: MAX_NATS, streamIds: UPGRADE_TRIES, ways: MAX_WAYS }
    })
  } catch (cause) {
    throw new InvalidMessageError('punch: cannot be decoded', { cause })
  }
}

function halves(secret: Uint8Array, attempt?: Uint8Array): Partial<Punch> {
  return { secret: Uint8Array.from(secret), ...(attempt === undefined ? {} : { attempt: Uint8Array.from(attempt) }) }
}

function toWire({ candidates, nats, streamIds, ways }: Description): Partial<Punch> {
  return {
    candidates: candidates.slice(0, MAX_CANDIDATES).map(({ kind, transport, host, port }) => ({
      kind: KINDS.indexOf(kind) + 1,
      transport: transport === 'udp' ? WireCandidate.Transport.UDP : WireCandidate.Transport.TCP,
      host: Uint8Array.from(ipToBytes(host)),
      port
    })),
    nats: nats.slice(0, MAX_NATS).map(({ family, udp, mapping, filtering, pool, changesPorts = false }) => ({
      family,
      udp,
      mapping: behaviour(mapping),
      filtering: behaviour(filtering),
      poolLow: pool?.low ?? 0,
      poolHigh: pool?.high ?? 0,
      changesPorts
    })),
    streamIds: streamIds.slice(0, UPGRADE_TRIES),
    ways: ways.map((way) => ALL_STRATEGIES.indexOf(way) + 1)
  }
}

function fromWire(wire: Punch): Description {
  return {
    candidates: wire.candidates.flatMap(toCandidate),
    nats: wire.nats.map(toNatView),
    streamIds: distinct(wire.streamIds),
    ways: [...new Set(wire.ways.flatMap((way) => ALL_STRATEGIES[way - 1] ?? []))]
  }
}

function toCandidate({ kind, transport, host, port }: WireCandidate): Candidate[] {
  if (port < 1 || port > 65_535) {
    throw new InvalidMessageError(`punch.candidates.port: ${port}`)
  }
  const text = ipFromBytes(host)
  const known = KINDS[kind - 1]
  if (known === undefined || transport === WireCandidate.Transport.TRANSPORT_UNSPECIFIED) {
    return []
  }
  return [
    {
      kind: known,
      transport: transport === WireCandidate.Transport.UDP ? 'udp' : 'tcp',
      // four bytes inside of sixteen are written as four
      family: text.includes(':') ? 6 : 4,
      host: text,
      port
    }
  ]
}

function toNatView(wire: WireNat): NatView {
  const { family, udp, mapping, filtering, poolLow: low, poolHigh: high, changesPorts } = wire
  if (family !== 4 && family !== 6) {
    throw new InvalidMessageError(`punch.nats.family: ${family}`)
  }
  if (low > high || high > 65_535 || (low === 0 && high !== 0)) {
    throw new InvalidMessageError(`punch.nats.pool: ${low} to ${high}`)
  }
  const maps = fromBehaviour(mapping)
  const filters = fromBehaviour(filtering)
  return {
    family,
    udp,
    ...(maps === undefined ? {} : { mapping: maps }),
    ...(filters === undefined || filters === 'none' ? {} : { filtering: filters }),
    ...(low === 0 ? {} : { pool: { low, high } }),
    ...(changesPorts ? { changesPorts } : {})
  }
}

function behaviour(known: MappingBehaviour | FilteringBehaviour | undefined): WireNat.Behaviour {
  return (known === undefined ? undefined : BEHAVIOURS.get(known)) ?? WireNat.Behaviour.UNKNOWN
}

function fromBehaviour(wire: WireNat.Behaviour): MappingBehaviour | undefined {
  return [...BEHAVIOURS].find(([, number]) => number === wire)?.[0]
}

function distinct(ids: readonly number[]): number[] {
  if (new Set(ids).size !== ids.length) {
    throw new InvalidMessageError('punch.streamIds: one twice')
  }
  return [...ids]
}

function exactly(field: string, bytes: Uint8Array, length: number): Uint8Array {
  if (bytes.byteLength !== length) {
    throw new InvalidMessageError(`punch.${field}: ${bytes.byteLength} bytes, not ${length}`)
  }
  return bytes
}
