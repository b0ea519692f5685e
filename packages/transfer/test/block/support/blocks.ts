import { createHash } from 'node:crypto'
import type { Logger, PeerId } from '@libp2p/interface'
import { seededPeerId, seededRandom } from '@p2pshare/testkit'
import { CID } from 'multiformats/cid'
import * as Digest from 'multiformats/hashes/digest'
import { decodeBlockAnswer, MAX_BLOCK_ANSWER_BYTES } from '../../../src/block/wire/codec.ts'
import type { BlockAnswer } from '../../../src/block/wire/codec.ts'
import { Undelimiter } from '../../../src/wire/delimited.ts'

export const random = seededRandom('blocks')

/** Says nothing. */
export const log: Logger = Object.assign(() => undefined, {
  enabled: false,
  error: () => undefined,
  trace: () => undefined,
  newScope: () => log
})

/** A raw block and its CID. */
export function blockOf(bytes: Uint8Array): { readonly cid: CID; readonly bytes: Uint8Array } {
  const digest = new Uint8Array(createHash('sha256').update(bytes).digest())
  return { cid: CID.createV1(0x55, Digest.create(0x12, digest)), bytes }
}

export const small = blockOf(random.bytes(4096))

export async function peers(count: number): Promise<PeerId[]> {
  return Promise.all(Array.from({ length: count }, async (_, index) => seededPeerId(random.fork(`peer ${index}`))))
}

/** What an answering side has said: the answers, each with its block. */
export function answersIn(sent: readonly Uint8Array[]): Array<BlockAnswer & { readonly block?: Uint8Array }> {
  const all = Buffer.concat(sent)
  const answers = []
  const headers = new Undelimiter(MAX_BLOCK_ANSWER_BYTES)
  for (let at = 0; at < all.byteLength;) {
    const { message, next } = headers.take(all, at)
    at = next
    if (message === undefined) {
      break
    }
    const answer = decodeBlockAnswer(message)
    if (answer.refusal === undefined) {
      answers.push({ ...answer, block: all.subarray(at, at + answer.bytes) })
      at += answer.bytes
    } else {
      answers.push(answer)
    }
  }
  return answers
}

/** Everything that was due has happened. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) {
    await Promise.resolve()
  }
}
