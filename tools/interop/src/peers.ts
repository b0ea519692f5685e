/** What encrypts a connection. */
export type Security = 'tls' | 'noise'

/** The type of a peer's key. */
export type KeyType = 'ed25519' | 'secp256k1' | 'ecdsa' | 'rsa'

/** How one peer of a case is to be. */
export interface PeerOptions {
  readonly security: Security
  readonly keyType: KeyType
}

/** How much goes each way. */
export interface Amounts {
  readonly up: number
  readonly down: number
}

/** A peer that waits to be dialled. */
export interface Listening {
  /** With its peer id. */
  readonly address: string
  stop(): Promise<void>
}

/** One implementation of libp2p, which can take either side. */
export interface Implementation {
  readonly name: string
  readonly keyTypes: readonly KeyType[]
  listen(options: PeerOptions): Promise<Listening>
  /** Resolves with a remark on the connection when every byte was right. */
  dial(options: PeerOptions, address: string, amounts: Amounts): Promise<string>
}
