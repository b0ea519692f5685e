import { InvalidMessageError } from '@p2pshare/interface'
import { MAX_ENTRIES } from '../constants.ts'
import { splitPath } from '../paths.ts'
import { MAX_MANIFEST_BYTES } from './constants.ts'

/** The names and sizes of a private share: what its DAG does not say. */
export interface Manifest {
  readonly kind: 'file' | 'directory'
  /** In the order of their sealed files; one with the path `''` for a single file. Empty ones have no sealed file. */
  readonly files: ReadonlyArray<{ readonly path: string; readonly bytes: number }>
  /** Parents first. */
  readonly directories: readonly string[]
}

const VERSION = 1
const KINDS = ['file', 'directory'] as const

/** The length of a manifest says how long the names are: not to the byte. */
const PADDING_BYTES = 1024

/** A number that needs more is not safe. */
const MAX_VARINT_BYTES = 8

/** Version, kind, name, files (size and path), directories; numbers are varints, texts have their length before them. */
export function encodeManifest({ kind, files, directories }: Manifest): Uint8Array {
  const parts: Uint8Array[] = [Uint8Array.of(VERSION, KINDS.indexOf(kind)), varint(files.length)]
  for (const { path, bytes } of files) {
    parts.push(varint(bytes), ...text(path))
  }
  parts.push(varint(directories.length))
  for (const directory of directories) {
    parts.push(...text(directory))
  }
  const bytes = Buffer.concat(parts)
  return Buffer.concat([bytes], Math.ceil(bytes.byteLength / PADDING_BYTES) * PADDING_BYTES)
}

/**
 * Read what was opened with the key of a link: its publisher may be hostile all the same.
 *
 * @throws InvalidMessageError for what `encodeManifest` does not write, UnsafePathError for names.
 */
export function decodeManifest(bytes: Uint8Array): Manifest {
  if (bytes.byteLength > MAX_MANIFEST_BYTES) {
    throw new InvalidMessageError(`manifest: ${bytes.byteLength} bytes, at most ${MAX_MANIFEST_BYTES}`)
  }
  const reader = new Reader(bytes)
  if (reader.byte() !== VERSION) {
    throw new InvalidMessageError('manifest: of another version')
  }
  const kind = KINDS[reader.byte()]
  const files: Array<{ path: string; bytes: number }> = []
  for (let left = reader.count(); left > 0; left--) {
    const size = reader.number()
    files.push({ bytes: size, path: pathIn(kind, reader.text()) })
  }
  const directories: string[] = []
  for (let left = reader.count(); left > 0; left--) {
    directories.push(pathIn('directory', reader.text()))
  }
  const isFile = kind === 'file' && files.length === 1 && directories.length === 0
  if (kind === undefined || (kind === 'file' && !isFile) || !reader.endsWithPadding()) {
    throw new InvalidMessageError('manifest: neither a file nor a directory')
  }
  return { kind, files, directories }
}

/** A single file has no path of its own. */
function pathIn(kind: Manifest['kind'] | undefined, path: string): string {
  if (kind === 'file' ? path !== '' : splitPath(path).length === 0) {
    throw new InvalidMessageError('manifest: a path in a single file')
  }
  return path
}

function text(value: string): [Uint8Array, Uint8Array] {
  const bytes = Buffer.from(value)
  return [varint(bytes.byteLength), bytes]
}

function varint(value: number): Uint8Array {
  const bytes: number[] = []
  let rest = value
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80)
    rest = Math.floor(rest / 0x80)
  }
  bytes.push(rest)
  return Uint8Array.from(bytes)
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

class Reader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  byte(): number {
    const byte = this.#bytes[this.#at++]
    if (byte === undefined) {
      throw new InvalidMessageError('manifest: it ends too early')
    }
    return byte
  }

  number(): number {
    let value = 0
    for (let at = 0; at < MAX_VARINT_BYTES; at++) {
      const byte = this.byte()
      value += (byte & 0x7f) * 2 ** (7 * at)
      if (byte < 0x80 && Number.isSafeInteger(value)) {
        return value
      }
    }
    throw new InvalidMessageError('manifest: a number that is too large')
  }

  /** How many entries follow: each takes a byte at least. */
  count(): number {
    const value = this.number()
    if (value > MAX_ENTRIES || value > this.#bytes.byteLength - this.#at) {
      throw new InvalidMessageError(`manifest: ${value} entries`)
    }
    return value
  }

  text(): string {
    const length = this.number()
    const end = this.#at + length
    if (end > this.#bytes.byteLength) {
      throw new InvalidMessageError('manifest: a name that ends behind it')
    }
    const bytes = this.#bytes.subarray(this.#at, end)
    this.#at = end
    try {
      return utf8.decode(bytes)
    } catch (cause) {
      throw new InvalidMessageError('manifest: a name that is not UTF-8', { cause })
    }
  }

  endsWithPadding(): boolean {
    const rest = this.#bytes.subarray(this.#at)
    return rest.byteLength < PADDING_BYTES && rest.every((byte) => byte === 0)
  }
}
