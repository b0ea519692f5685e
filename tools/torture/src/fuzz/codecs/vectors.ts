import { readFileSync } from 'node:fs'

/** Every hex text below these keys of a package's file of test vectors, as bytes. */
export function vectors(path: string, ...keys: readonly string[]): Uint8Array[] {
  const file = new URL(`../../../../../packages/${path}.json`, import.meta.url)
  const all = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>
  return keys.flatMap((key) => hexTexts(all[key]))
}

function hexTexts(value: unknown): Uint8Array[] {
  if (typeof value === 'string') {
    return /^(?:[0-9a-f]{2})*$/.test(value) ? [Uint8Array.from(Buffer.from(value, 'hex'))] : []
  }
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(hexTexts) : []
}

/** A length-delimited field of protobuf. */
export function field(tag: number, ...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array {
  const body = Buffer.concat(parts.map((part) => Uint8Array.from(part)))
  const length = body.byteLength < 0x80 ? [body.byteLength] : [(body.byteLength & 0x7f) | 0x80, body.byteLength >> 7]
  return Buffer.concat([Uint8Array.of(tag, ...length), body])
}
