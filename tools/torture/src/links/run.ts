import { createHash } from 'node:crypto'
import { ShareSecret, encodeTicket, parseSource, withSecret } from '@p2pshare/transfer'
import { seededRandom } from '@p2pshare/testkit'
import type { Random } from '@p2pshare/testkit'
import { base32 } from 'multiformats/bases/base32'
import { CID } from 'multiformats/cid'
import * as Digest from 'multiformats/hashes/digest'

export interface LinkResult {
  readonly links: number
  /** Refused before anything was tried: a checksum, a character, a length. */
  readonly refused: number
  /** Read, and of no use: the key opens nothing. */
  readonly useless: number
  /** The same link in other words: white space, brackets, all upper case. */
  readonly same: number
  /** Opened by a link that is not the one that was given out. */
  readonly opened: readonly string[]
}

const PLACE = { part: 'manifest', file: 0, leaf: 0 } as const
const ALPHABET = Array.from('abcdefghijklmnopqrstuvwxyz234567ABCZ018#:/ <>"\n')
const SECRET_BYTES = 49
const CHECK_BYTES = 8

/** Change a link in every way that people, programs and attackers change it, and try to open the share with what remains. */
export function tortureLinks(seed: string, from: number, count: number): LinkResult {
  const root = CID.createV1(0x70, Digest.create(0x12, seededRandom(`${seed}/root`).bytes(32)))
  const secret = ShareSecret.create()
  const fragment = secret.toFragment(root)
  const link = withSecret(encodeTicket({ root, providers: [], isPrivate: true }), root, secret)
  const sealed = secret.cipher().seal(PLACE, new TextEncoder().encode('names that nobody else may read'))
  const total = { links: count, refused: 0, useless: 0, same: 0, opened: [] as string[] }
  for (let index = from; index < from + count; index++) {
    const random = seededRandom(`${seed}/links/${index}`)
    const changed = index % 2 === 0 ? changedText(link, random) : changedKey(link, root, fragment, random)
    const found = read(changed)
    if (found === undefined) {
      total.refused++
    } else if (found.secret.cipher().open(PLACE, sealed) === undefined) {
      total.useless++
    } else if (found.root.equals(root) && found.secret.toFragment(root) === fragment) {
      total.same++
    } else {
      total.opened.push(`--seed ${seed} --from ${index}`)
    }
  }
  return total
}

function read(link: string): { root: CID; secret: ShareSecret } | undefined {
  try {
    const { root, secret } = parseSource(link)
    return secret === undefined ? undefined : { root, secret }
  } catch {
    return undefined
  }
}

/** A few characters lost, doubled, swapped or put in. */
function changedText(link: string, random: Random): string {
  let text = link
  for (let left = 1 + random.int(3); left > 0; left--) {
    const at = random.int(text.length + 1)
    const end = at + random.int(3)
    text = text.slice(0, at) + (random.int(3) === 0 ? '' : random.pick(ALPHABET)) + text.slice(end)
  }
  return random.int(16) === 0 ? text.toUpperCase() : text
}

/** Bits of the key itself, under a checksum that is right: nothing but the cipher is left to notice. */
function changedKey(link: string, root: CID, fragment: string, random: Random): string {
  const bytes = base32.baseDecode(fragment).slice(0, SECRET_BYTES)
  for (let left = 1 + random.int(3); left > 0; left--) {
    const at = 1 + random.int(SECRET_BYTES - 1)
    bytes[at] = (bytes[at] ?? 0) ^ (1 << random.int(8))
  }
  const check = createHash('sha256').update('p2pshare private link 1\n').update(root.bytes).update(bytes).digest()
  const written = base32.baseEncode(Buffer.concat([bytes, check.subarray(0, CHECK_BYTES)]))
  return link.slice(0, link.indexOf('#') + 1) + written
}
