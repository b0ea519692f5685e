import { createHash, timingSafeEqual } from 'node:crypto'

/** Room for the token and its scheme; what is longer is none. */
const MAX_HEADER_LENGTH = 256

/**
 * Whether an `Authorization` header has the token of this server, as `Bearer TOKEN`. Takes as long for a wrong one as
 * for the right one.
 */
export function hasToken(header: string | undefined, token: string): boolean {
  if (header === undefined || header.length > MAX_HEADER_LENGTH) {
    return false
  }
  const given = /^Bearer +([\w-]+) *$/i.exec(header)?.[1]
  // digests, since only buffers of one length can be compared
  return given !== undefined && timingSafeEqual(digest(given), digest(token))
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
