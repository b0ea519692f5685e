import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import { sha256 } from 'multiformats/hashes/sha2'
import type { Random } from '../random.ts'

/** Some bytes and their CID. */
export interface Block {
  readonly cid: CID
  readonly bytes: Uint8Array
}

/** A raw block of `length` bytes drawn from `random`. */
export async function rawBlock(random: Random, length: number): Promise<Block> {
  const bytes = random.bytes(length)
  return { cid: CID.createV1(raw.code, await sha256.digest(bytes)), bytes }
}

/** The root of a share that does not exist: a CID no one else asks for. */
export async function someRoot(random: Random): Promise<CID> {
  const { cid } = await rawBlock(random, 32)
  return cid
}
