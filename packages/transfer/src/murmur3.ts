const MASK = 0xffff_ffff_ffff_ffffn
const C1 = 0x87c37b91114253d5n
const C2 = 0x4cf5ad432745937fn

function rotate(x: bigint, by: bigint): bigint {
  return ((x << by) | (x >> (64n - by))) & MASK
}

function mix1(k: bigint): bigint {
  return (rotate((k * C1) & MASK, 31n) * C2) & MASK
}

function mix2(k: bigint): bigint {
  return (rotate((k * C2) & MASK, 33n) * C1) & MASK
}

function finish(h: bigint): bigint {
  let x = h
  x = ((x ^ (x >> 33n)) * 0xff51afd7ed558ccdn) & MASK
  x = ((x ^ (x >> 33n)) * 0xc4ceb9fe1a85ec53n) & MASK
  return x ^ (x >> 33n)
}

/**
 * MurmurHash3 x64 128 with seed 0, its first 64 bits as 8 bytes, most significant first: what UnixFS calls
 * `murmur3-x64-64` and takes apart byte by byte to place a name in a HAMT.
 */
export function murmur3x64(input: Uint8Array): Uint8Array {
  // zeros behind the last block change nothing: a tail is mixed as if it were padded with them
  const blocks = Math.floor(input.byteLength / 16)
  const padded = new Uint8Array((blocks + 1) * 16)
  padded.set(input)
  const view = new DataView(padded.buffer)
  let h1 = 0n
  let h2 = 0n
  for (let block = 0; block < blocks; block++) {
    h1 ^= mix1(view.getBigUint64(block * 16, true))
    h1 = ((rotate(h1, 27n) + h2) * 5n + 0x52dce729n) & MASK
    h2 ^= mix2(view.getBigUint64(block * 16 + 8, true))
    h2 = ((rotate(h2, 31n) + h1) * 5n + 0x38495ab5n) & MASK
  }
  h2 ^= mix2(view.getBigUint64(blocks * 16 + 8, true))
  h1 ^= mix1(view.getBigUint64(blocks * 16, true))
  const length = BigInt(input.byteLength)
  h1 ^= length
  h2 ^= length
  h1 = (h1 + h2) & MASK
  h2 = (h2 + h1) & MASK
  h1 = (finish(h1) + finish(h2)) & MASK
  const digest = new Uint8Array(8)
  new DataView(digest.buffer).setBigUint64(0, h1)
  return digest
}
