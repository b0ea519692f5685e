/** Messages of the Kademlia specification as bytes, length in front: a flooder writes them as fast as it can. */

const ADD_PROVIDER = 2
const GET_PROVIDERS = 3

/** Says that `provider` serves `key`. */
export function addProvider(key: Uint8Array, provider: Uint8Array, address: Uint8Array): Uint8Array {
  const peer = [...field(1, provider), ...field(2, address)]
  return framed([0x08, ADD_PROVIDER, ...field(2, key), ...field(9, Uint8Array.from(peer))])
}

/** Asks who serves `key`. */
export function getProviders(key: Uint8Array): Uint8Array {
  return framed([0x08, GET_PROVIDERS, ...field(2, key)])
}

function field(number: number, bytes: Uint8Array): number[] {
  return [(number << 3) | 2, ...varint(bytes.byteLength), ...bytes]
}

function framed(bytes: readonly number[]): Uint8Array {
  return Uint8Array.from([...varint(bytes.length), ...bytes])
}

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)]
}
