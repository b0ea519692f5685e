import { publicKeyFromProtobuf, publicKeyToProtobuf } from '@libp2p/crypto/keys'
import type { PeerId, PrivateKey, PublicKey } from '@libp2p/interface'
import { sha256 } from '@noble/hashes/sha2.js'
import { claimIdOf, encodeClaimBody, encodeSignedClaim, signedBytes } from '../wire/claim-codec.ts'
import type { ClaimContent, DecodedClaim } from '../wire/claim-codec.ts'
import { bytesOf, keyOf, peerOf } from './directory.ts'

/** `unknown`: signed with a kind of key that this node cannot check. */
export type Verdict = 'good' | 'bad' | 'unknown'

/** A claim that this node signed. */
export interface SignedWire {
  readonly wire: Uint8Array<ArrayBuffer>
  readonly id: number
}

/** Bad claims that are remembered, so that one that comes again costs a hash and no more. */
const MAX_BAD = 1_024

/** Signs claims of this node, and checks those of others. Both may be promises: keys of some runtimes are. */
export class Signatures {
  readonly #privateKey: PrivateKey
  readonly #network: string
  readonly #bad = new Set<string>()
  readonly #ownKey: Uint8Array | undefined

  constructor(privateKey: PrivateKey, self: PeerId, network: string) {
    this.#privateKey = privateKey
    this.#network = network
    this.#ownKey = peerOf(bytesOf(self)).publicKey === undefined ? publicKeyToProtobuf(privateKey.publicKey) : undefined
  }

  sign(content: ClaimContent): SignedWire | Promise<SignedWire> {
    const body = encodeClaimBody(content)
    const bytes = signedBytes(this.#network, body)
    const toWire = (signature: Uint8Array): SignedWire => ({
      wire: encodeSignedClaim(body, signature, this.#ownKey),
      id: claimIdOf(bytes)
    })
    const signature = this.#privateKey.sign(bytes)
    return signature instanceof Promise ? signature.then(toWire) : toWire(signature)
  }

  idOf({ body }: DecodedClaim): number {
    return claimIdOf(signedBytes(this.#network, body))
  }

  /** Throws `InvalidMessageError` when its signer is no peer. */
  verify(claim: DecodedClaim, wire: Uint8Array): Verdict | Promise<Verdict> {
    const name = keyOf(sha256(wire))
    if (this.#bad.has(name)) {
      return 'bad'
    }
    const key = publicKeyOf(claim)
    if (key === undefined || typeof key === 'string') {
      return this.#note(name, key ?? 'bad')
    }
    const toVerdict = (isGood: boolean): Verdict => this.#note(name, isGood ? 'good' : 'bad')
    try {
      const isGood = key.verify(signedBytes(this.#network, claim.body), claim.signature)
      return typeof isGood === 'boolean' ? toVerdict(isGood) : isGood.then(toVerdict, () => toVerdict(false))
    } catch {
      // a signature of the wrong length, for example
      return toVerdict(false)
    }
  }

  #note(name: string, verdict: Verdict): Verdict {
    if (verdict === 'bad') {
      if (this.#bad.size >= MAX_BAD) {
        for (const oldest of this.#bad) {
          this.#bad.delete(oldest)
          break
        }
      }
      this.#bad.add(name)
    }
    return verdict
  }
}

/** `undefined`: the key that came along is not the signer's. */
function publicKeyOf({ accuser, subject, key }: DecodedClaim): PublicKey | 'unknown' | undefined {
  const signer = peerOf(accuser ?? subject)
  if (signer.publicKey !== undefined) {
    return signer.publicKey
  }
  if (key === undefined) {
    return undefined
  }
  try {
    const publicKey = publicKeyFromProtobuf(key)
    return keyOf(publicKey.toMultihash().bytes) === keyOf(bytesOf(signer)) ? publicKey : undefined
  } catch {
    return 'unknown'
  }
}
