import type { PeerId } from '@libp2p/interface'

/** What one peer gave to a leaf. */
export interface LeafPart {
  readonly peer: PeerId
  bytes: number
}

/** A buffer in which a leaf is put together, by one lane or several, of one peer or several. */
export class LeafAssembly {
  readonly leaf: number
  readonly bytes: number
  readonly buffer: Uint8Array
  /** Who sent what of it, and who may have written to it beside that. */
  readonly parts = new Map<string, LeafPart>()
  /** Lanes that may write to the buffer at any time, since they were told to read into it. */
  lentTo = 0
  /** Nothing more is to be put into it: it was handed on, or is not wanted. */
  isOver = false
  readonly #giveBack: (buffer: Uint8Array) => void

  /** `giveBack` is called once, when nobody refers to the buffer any more. */
  constructor(leaf: number, bytes: number, buffer: Uint8Array, giveBack: (buffer: Uint8Array) => void) {
    this.leaf = leaf
    this.bytes = bytes
    this.buffer = buffer
    this.#giveBack = giveBack
  }

  add(peer: PeerId, bytes: number): void {
    const key = peer.toString()
    const part = this.parts.get(key)
    if (part === undefined) {
      this.parts.set(key, { peer, bytes })
    } else {
      part.bytes += bytes
    }
  }

  /** A lane of this peer may write to the buffer: where it does is not seen before a block is whole, so it is one of the senders. */
  lend(peer: PeerId): void {
    this.add(peer, 0)
    this.lentTo++
  }

  /** A lane does not write to the buffer any more. */
  takeBack(): void {
    this.lentTo--
    if (this.isOver && this.lentTo === 0) {
      this.#giveBack(this.buffer)
    }
  }

  /** Not wanted any more. */
  end(): void {
    if (!this.isOver) {
      this.isOver = true
      if (this.lentTo === 0) {
        this.#giveBack(this.buffer)
      }
    }
  }

  /**
   * The whole leaf, for somebody else until `release`. A peer that lost blocks to another one may keep its lane pointed at
   * the buffer for as long as it likes: then it is a copy.
   */
  handOn(): { readonly bytes: Uint8Array; readonly release: () => void } {
    const whole = this.buffer.subarray(0, this.bytes)
    if (this.lentTo > 0) {
      const copy = new Uint8Array(new SharedArrayBuffer(this.bytes))
      copy.set(whole)
      this.isOver = true
      return { bytes: copy, release: () => undefined }
    }
    this.isOver = true
    return {
      bytes: whole,
      release: () => {
        this.#giveBack(this.buffer)
      }
    }
  }
}

/** The leaves of one share that are being put together. What belongs to them is decided by the policy. */
export class LeafAssemblies {
  readonly #assemblies = new Map<number, LeafAssembly>()

  get(leaf: number): LeafAssembly | undefined {
    return this.#assemblies.get(leaf)
  }

  add(assembly: LeafAssembly): void {
    this.#assemblies.set(assembly.leaf, assembly)
  }

  /** Every block of the leaf is here: it is nobody else's from now on. */
  take(leaf: number): LeafAssembly | undefined {
    const assembly = this.#assemblies.get(leaf)
    this.#assemblies.delete(leaf)
    return assembly
  }

  /** What came of the leaf will not be completed. */
  forget(leaf: number): void {
    this.take(leaf)?.end()
  }

  close(): void {
    for (const leaf of [...this.#assemblies.keys()]) {
      this.forget(leaf)
    }
  }
}
