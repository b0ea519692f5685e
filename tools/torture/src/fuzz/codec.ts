/** How inputs of a codec are built when they are not mutations of good ones. */
export type Shape = 'protobuf' | 'cbor' | 'der' | 'text' | 'bytes'

/** Something that reads bytes of others. */
export interface Codec {
  /** `package/what`. */
  readonly name: string
  /** The constant that bounds its input, and its value in bytes. */
  readonly cap: readonly [constant: string, bytes: number]
  readonly shape: Shape
  /** Inputs that are good, to begin with. */
  readonly examples: () => readonly Uint8Array[] | Promise<readonly Uint8Array[]>
  /** Words of its language, for texts. */
  readonly words?: readonly string[]
  /**
   * Messages one behind the other, each a decode whose own codec is fuzzed too: what is dropped from one to the next may be more
   * than one decode may drop. What is kept may not. @default false
   */
  readonly isStream?: true
  /** Heap that a decode may take beyond what all may, and why. @default nothing */
  readonly extraHeap?: { readonly bytes: number; readonly why: string }
  /** Reads one input: whatever it throws has to be typed. */
  readonly decode: (input: Uint8Array) => unknown
}

/** For codecs that read text. */
export const utf8 = new TextDecoder()

/** For examples that are text. */
export function textBytes(...texts: readonly string[]): Uint8Array[] {
  return texts.map((text) => new TextEncoder().encode(text))
}

/** Examples written down as hex. */
export function hexBytes(...texts: readonly string[]): Uint8Array[] {
  return texts.map((text) => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex')))
}
