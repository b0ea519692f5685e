import { crc32 } from 'node:zlib'
import { base32 } from 'multiformats/bases/base32'
import { CID } from 'multiformats/cid'
import { InvalidTicketError } from './errors.ts'
import { MAX_TICKET_PAYLOAD_BYTES, decodeTicketPayload, encodeTicketPayload } from './ticket-payload.ts'
import type { Ticket } from './ticket-payload.ts'
import { ShareSecret } from './private/secret.ts'

/*
 * The text form (SPEC.md#tickets): `p2pshare1`, then base32 (RFC 4648, no padding) of the CBOR payload and the CRC-32 of
 * prefix and payload, little-endian. Letters and digits only, since chat programs eat everything else. Changing a
 * character is a burst of 5 bits, and a CRC-32 finds every burst of up to 32.
 */

const PREFIX = 'p2pshare1'
const SCHEME = 'p2pshare:'
const CHECKSUM_BYTES = 4

/** Lower case, or upper case throughout: QR codes hold more of that. Mixed case is a sign of a damaged copy. */
const TOKEN = /^(?:p2pshare1[a-z2-7]+|P2PSHARE1[A-Z2-7]+)$/u

/** What stands between a ticket and the key of a private share; browsers and servers keep what is behind it to themselves. */
const SECRET_MARK = '#'

/** A full ticket as a link, with room for the white space that mail programs put into it. */
export const MAX_SOURCE_LENGTH = 2 * MAX_TICKET_PAYLOAD_BYTES

/** `p2pshare1…`. @throws InvalidTicketError when a limit is passed (ticket-payload.ts) or the name is not a file name. */
export function encodeTicket(ticket: Ticket): string {
  const payload = encodeTicketPayload(ticket)
  const bytes = new Uint8Array(payload.byteLength + CHECKSUM_BYTES)
  bytes.set(payload)
  new DataView(bytes.buffer).setUint32(payload.byteLength, checksum(payload), true)
  return PREFIX + base32.baseEncode(bytes)
}

/** `p2pshare1…#…`: the ticket of a private share with its key. Who has this text can read the share, for ever. */
export function withSecret(token: string, root: CID, secret: ShareSecret): string {
  return token + SECRET_MARK + secret.toFragment(root)
}

/** The ticket as a link, `p2pshare:p2pshare1…`. */
export function toLink(token: string): string {
  return SCHEME + token
}

/**
 * Read a token or link. White space anywhere, angle brackets and quotes around it are forgiven; every changed character
 * is found.
 *
 * @throws InvalidTicketError
 */
export function decodeTicket(text: string): Ticket {
  const token = unwrap(text).replace(/\s+/gu, '')
  if (!TOKEN.test(token)) {
    throw new InvalidTicketError(`not a ticket: expected ${PREFIX} and base32 after it`)
  }
  const bytes = decodeBase32(token.slice(PREFIX.length).toLowerCase())
  const end = bytes.byteLength - CHECKSUM_BYTES
  const payload = bytes.subarray(0, Math.max(end, 0))
  if (end <= 0 || new DataView(bytes.buffer, bytes.byteOffset).getUint32(end, true) !== checksum(payload)) {
    throw new InvalidTicketError('the ticket is damaged or cut: its checksum does not match')
  }
  return decodeTicketPayload(payload)
}

/**
 * Whatever a user may paste to name content: a CID, `/ipfs/<cid>`, `ipfs://<cid>`, a ticket or a `p2pshare:` link; for a
 * private share with its key behind a `#`.
 *
 * @throws InvalidTicketError for everything else. No message has anything of a key.
 */
export function parseSource(text: string): Ticket {
  const [source = '', ...fragment] = unwrap(text).split(SECRET_MARK)
  const ticket = parsePublic(source)
  if (fragment.length === 0 && ticket.isPrivate === true) {
    throw new InvalidTicketError('the key is missing: a private share needs all of its link, with what is behind the #')
  }
  return fragment.length === 0
    ? ticket
    : { ...ticket, secret: ShareSecret.fromFragment(fragment.join(SECRET_MARK).replace(/\s+/gu, ''), ticket.root) }
}

function parsePublic(source: string): Ticket {
  if (/^p2pshare1/iu.test(source)) {
    return decodeTicket(source)
  }
  const cid = /^(?:\/ipfs\/|ipfs:\/\/)?([^/\s]+)\/?$/u.exec(source)?.[1]
  if (cid === undefined) {
    const below = /^(?:\/ipfs\/|ipfs:\/\/)[^/]+\/./u.test(source)
    throw new InvalidTicketError(
      below ? 'a path below the root: name the root, and select the path' : 'not a CID, a ticket or a link'
    )
  }
  try {
    return { root: CID.parse(cid), providers: [] }
  } catch (cause) {
    throw new InvalidTicketError('not a CID, a ticket or a link', { cause })
  }
}

/** Without what people and programs put around it: white space, brackets, quotes, the scheme, a slash at the end. */
function unwrap(text: string): string {
  if (text.length > MAX_SOURCE_LENGTH) {
    throw new InvalidTicketError(`longer than ${MAX_SOURCE_LENGTH} characters`)
  }
  const bare = text
    .trim()
    .replace(/^(?:<(.*)>|"(.*)"|'(.*)'|`(.*)`)$/su, '$1$2$3$4')
    .trim()
  return bare.replace(/^p2pshare:(?:\/\/)?(.*?)\/?$/isu, '$1')
}

function decodeBase32(text: string): Uint8Array {
  try {
    return base32.baseDecode(text)
  } catch (cause) {
    throw new InvalidTicketError('the ticket is cut: it does not end on a byte', { cause })
  }
}

function checksum(payload: Uint8Array): number {
  return crc32(payload, crc32(PREFIX))
}
