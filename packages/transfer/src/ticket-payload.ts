import { multiaddr } from '@multiformats/multiaddr'
import type { Multiaddr } from '@multiformats/multiaddr'
import { peerIdFromMultihash } from '@libp2p/peer-id'
import type { PeerId } from '@libp2p/interface'
import type { Provider } from '@p2pshare/interface'
import { decode, encode } from 'cborg'
import type { DecodeOptions } from 'cborg'
import { CID } from 'multiformats/cid'
import * as Digest from 'multiformats/hashes/digest'
import { equals } from 'uint8arrays/equals'
import { BoundedTokenizer } from './bounded-tokenizer.ts'
import { InvalidTicketError } from './errors.ts'
import { checkName } from './paths.ts'
import type { ShareSecret } from './private/secret.ts'

/** Fits a message of every chat program, and a QR code up to about 1.7 KiB. */
export const MAX_TICKET_PAYLOAD_BYTES = 4096

/** A ticket names where to begin; the swarm finds the rest. */
export const MAX_TICKET_PROVIDERS = 8

/** A machine with two networks and a few relays has about ten. */
export const MAX_TICKET_ADDRESSES = 16

/** A relayed WebTransport address with two certificate hashes is about 250 bytes, a DNS name at most 255. */
export const MAX_TICKET_ADDRESS_BYTES = 512

/** CBOR items in all: twice what a full ticket has. Bounds the depth of the decoder's recursion too. */
export const MAX_TICKET_ELEMENTS = 512

/** SHA-256 and Ed25519 roots and ids are 34 to 39 bytes. */
const MAX_ID_BYTES = 64

const TICKET_VERSION = 1

/** What a receiver needs to begin: the root, and if the sender knows them a name, a size and who to ask first. */
export interface Ticket {
  readonly root: CID
  /** One path part, through `checkName`. A suggestion: the receiver may call it otherwise. */
  readonly name?: string
  /** Bytes of file data in the share. A hint: only the DAG tells. */
  readonly bytes?: number
  readonly providers: readonly Provider[]
  /** The share is private: without a key its content means nothing. */
  readonly isPrivate?: true
  /** What opens it, from the part of a link behind the `#`: never in the payload. */
  readonly secret?: ShareSecret
}

const DECODE_OPTIONS: DecodeOptions = {
  strict: true,
  allowIndefinite: false,
  allowUndefined: false,
  allowInfinity: false,
  allowNaN: false,
  allowBigInt: false,
  useMaps: true,
  rejectDuplicateMapKeys: true
}

/** @throws InvalidTicketError when a limit is passed or the name is not one. */
export function encodeTicketPayload(ticket: Ticket): Uint8Array {
  atMost('providers', ticket.providers.length, MAX_TICKET_PROVIDERS)
  const payload = encode({
    v: TICKET_VERSION,
    root: ticket.root.bytes,
    ...(ticket.name === undefined ? {} : { name: toName(ticket.name) }),
    ...(ticket.bytes === undefined ? {} : { bytes: toSize(ticket.bytes) }),
    ...(ticket.isPrivate === true ? { private: true } : {}),
    providers: ticket.providers.map((provider) => {
      atMost('addresses of a provider', provider.multiaddrs.length, MAX_TICKET_ADDRESSES)
      const id = provider.id.toMultihash().bytes
      return { id, addrs: provider.multiaddrs.map((address) => toAddressBytes(address, provider.id)) }
    })
  })
  atMost('payload bytes', payload.byteLength, MAX_TICKET_PAYLOAD_BYTES)
  return payload
}

/** @throws InvalidTicketError for anything that `encodeTicketPayload` of this or a later 1.x version does not write. */
export function decodeTicketPayload(payload: Uint8Array): Ticket {
  atMost('payload bytes', payload.byteLength, MAX_TICKET_PAYLOAD_BYTES)
  const fields = asMap(decodeCbor(payload))
  const version = fields.get('v')
  if (version !== TICKET_VERSION) {
    throw new InvalidTicketError(`version ${typeof version === 'number' ? version : 'missing'}, expected 1`)
  }
  const root = toCid(fields.get('root'))
  const name = fields.get('name')
  const bytes = fields.get('bytes')
  return {
    root,
    ...(name === undefined ? {} : { name: toName(name) }),
    ...(bytes === undefined ? {} : { bytes: toSize(bytes) }),
    ...(fields.get('private') === true ? { isPrivate: true } : {}),
    providers: asList(fields.get('providers'), 'providers', MAX_TICKET_PROVIDERS).map(toProvider)
  }
}

function decodeCbor(payload: Uint8Array): unknown {
  try {
    const tooMany = (): Error => new InvalidTicketError(`more than ${MAX_TICKET_ELEMENTS} elements`)
    const tokenizer = new BoundedTokenizer(payload, DECODE_OPTIONS, MAX_TICKET_ELEMENTS, tooMany)
    return decode(payload, { ...DECODE_OPTIONS, tokenizer })
  } catch (cause) {
    throw cause instanceof InvalidTicketError ? cause : new InvalidTicketError('not CBOR', { cause })
  }
}

function toProvider(value: unknown): Provider {
  const fields = asMap(value)
  const id = toPeerId(asBytes(fields.get('id'), 'provider id', MAX_ID_BYTES))
  const addresses = asList(fields.get('addrs'), 'addresses of a provider', MAX_TICKET_ADDRESSES)
  const multiaddrs = addresses
    .map((bytes) => toMultiaddr(asBytes(bytes, 'address', MAX_TICKET_ADDRESS_BYTES)))
    .filter((address) => address !== undefined)
  return { id, multiaddrs }
}

function toPeerId(bytes: Uint8Array): PeerId {
  try {
    const id = peerIdFromMultihash(Digest.decode(bytes))
    if (id.type !== 'url') {
      return id
    }
  } catch (cause) {
    throw new InvalidTicketError('a provider id is not a peer id', { cause })
  }
  throw new InvalidTicketError('a provider id is not a peer id')
}

/** An address this version cannot read is left out: a sender with a newer transport still has its other addresses. */
function toMultiaddr(bytes: Uint8Array): Multiaddr | undefined {
  try {
    const address = multiaddr(bytes)
    // the library reads a component that is cut short; its text then means something else
    return bytes.byteLength > 0 && equals(multiaddr(address.toString()).bytes, bytes) ? address : undefined
  } catch {
    return undefined
  }
}

/** Without the provider's own id at the end, which the ticket has once already. */
function toAddressBytes(address: Multiaddr, owner: PeerId): Uint8Array {
  const suffix = `/p2p/${owner.toString()}`
  const text = address.toString()
  const { bytes } = text.endsWith(suffix) ? multiaddr(text.slice(0, -suffix.length)) : address
  atMost('bytes of an address', bytes.byteLength, MAX_TICKET_ADDRESS_BYTES)
  return bytes
}

function toCid(value: unknown): CID {
  const bytes = asBytes(value, 'root', MAX_ID_BYTES)
  try {
    return CID.decode(bytes)
  } catch (cause) {
    throw new InvalidTicketError('root is not a CID', { cause })
  }
}

function toName(value: unknown): string {
  if (typeof value !== 'string') {
    throw new InvalidTicketError('name is not text')
  }
  try {
    return checkName(value)
  } catch (cause) {
    throw new InvalidTicketError('name is not a file name', { cause })
  }
}

function toSize(value: unknown): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) {
    return value
  }
  throw new InvalidTicketError('bytes is not a size')
}

function asMap(value: unknown): Map<unknown, unknown> {
  if (value instanceof Map) {
    return value
  }
  throw new InvalidTicketError('not a map')
}

function asList(value: unknown, what: string, max: number): unknown[] {
  if (!Array.isArray(value)) {
    throw new InvalidTicketError(`${what}: not a list`)
  }
  atMost(what, value.length, max)
  return value
}

function asBytes(value: unknown, what: string, max: number): Uint8Array {
  if (!(value instanceof Uint8Array)) {
    throw new InvalidTicketError(`${what}: not bytes`)
  }
  atMost(`bytes of ${what}`, value.byteLength, max)
  return value
}

function atMost(what: string, value: number, max: number): void {
  if (value > max) {
    throw new InvalidTicketError(`${what}: ${value}, at most ${max}`)
  }
}
