import { describe, expect, test } from 'vitest'
import { MAX_MANIFEST_BYTES } from '../../src/private/constants.ts'
import { decodeManifest, encodeManifest } from '../../src/private/manifest.ts'
import type { Manifest } from '../../src/private/manifest.ts'

const DIRECTORY: Manifest = {
  kind: 'directory',
  files: [
    { path: 'a/b.txt', bytes: 7 },
    { path: 'größer 文', bytes: Number.MAX_SAFE_INTEGER },
    { path: 'empty', bytes: 0 }
  ],
  directories: ['a', 'hollow', 'hollow/inside']
}
const FILE: Manifest = { kind: 'file', files: [{ path: '', bytes: 9 }], directories: [] }

describe('a manifest', () => {
  test.each([DIRECTORY, FILE, { kind: 'directory', files: [], directories: [] } as const])(
    'comes back: %#',
    (manifest) => {
      const bytes = encodeManifest(manifest)
      expect(bytes.byteLength % 1024).toBe(0)
      expect(decodeManifest(bytes)).toEqual(manifest)
    }
  )

  test('of any length that is not its own is refused', () => {
    const bytes = encodeManifest(DIRECTORY)
    const used = bytes.lastIndexOf('e'.charCodeAt(0)) + 1
    for (let length = 0; length < used; length++) {
      expect(() => decodeManifest(bytes.subarray(0, length))).toThrow(
        expect.objectContaining({ code: 'ERR_INVALID_MESSAGE' })
      )
    }
    expect(() => decodeManifest(Buffer.concat([bytes, new Uint8Array(1024)]))).toThrow()
    expect(() => decodeManifest(Buffer.concat([bytes.subarray(0, used), Uint8Array.of(1)]))).toThrow()
  })

  test.each(['../a', '/etc/passwd', 'a//b', 'con', 'a:b', 'a\u202eb', ''])('with the path %j is refused', (path) => {
    const manifest: Manifest = { kind: 'directory', files: [{ path, bytes: 1 }], directories: [] }
    expect(() => decodeManifest(encodeManifest(manifest))).toThrow(expect.objectContaining({ code: 'ERR_UNSAFE_PATH' }))
    const directories: Manifest = { kind: 'directory', files: [], directories: [path] }
    expect(() => decodeManifest(encodeManifest(directories))).toThrow(
      expect.objectContaining({ code: 'ERR_UNSAFE_PATH' })
    )
  })

  test.each<[string, Manifest]>([
    ['a single file with a path', { ...FILE, files: [{ path: 'a', bytes: 1 }] }],
    ['two single files', { ...FILE, files: [...FILE.files, ...FILE.files] }],
    ['a single file with a directory', { ...FILE, directories: ['a'] }]
  ])('of %s is refused', (_, manifest) => {
    expect(() => decodeManifest(encodeManifest(manifest))).toThrow()
  })

  test('says how many entries follow only as far as there is room for them', () => {
    expect(() => decodeManifest(Uint8Array.of(1, 1, 0xff, 0xff, 0x3f))).toThrow('entries')
  })

  test('as large as the limit is read, one byte more is not', () => {
    const padded = (bytes: number): Uint8Array => {
      const manifest = { kind: 'directory' as const, files: [], directories: [] as string[] }
      const path = `${'d'.repeat(250)}/${'e'.repeat(250)}`
      const count = Math.floor((bytes - 16) / (path.length + 2))
      manifest.directories = Array.from({ length: count }, () => path)
      return encodeManifest(manifest)
    }
    const bytes = padded(MAX_MANIFEST_BYTES)
    expect(bytes.byteLength).toBe(MAX_MANIFEST_BYTES)
    expect(decodeManifest(bytes).directories.length).toBeGreaterThan(60_000)
    expect(() => decodeManifest(Buffer.concat([bytes, Uint8Array.of(0)]))).toThrow(/at most/u)
  })
})
