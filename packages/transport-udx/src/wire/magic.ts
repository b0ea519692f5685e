/**
 * What every datagram of this protocol begins with: three bytes for the protocol and one for its version, then the type.
 * STUN begins with 0 or 1, UDX with 0xff, and real µTP with a byte whose lower half is 1.
 */
export const MAGIC = Object.freeze([0x70, 0x32, 0x78, 0x02] as const)

/** Where the type stands. */
export const TYPE_OFFSET = MAGIC.length

/** Types of datagrams; new ones are appended, and none is used again. */
export const TYPE = Object.freeze({ INIT: 1, RETRY: 2, ACCEPT: 3, REJECT: 4, PROBE: 16, PONG: 17, PROVE: 18 } as const)

/** Whether a datagram is of this protocol and this version; it may still be garbage. */
export function hasMagic(bytes: Uint8Array): boolean {
  return bytes.length > TYPE_OFFSET && MAGIC.every((byte, index) => bytes[index] === byte)
}
