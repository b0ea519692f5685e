import { appendFile, mkdir, readFile, stat, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CarReader } from '@ipld/car/reader'
import { CID } from 'multiformats/cid'
import { describe, expect, it } from 'vitest'
import { MAX_NODE_BYTES } from '../../src/constants.ts'
import { NODE_WRITE_BYTES, openNodeStore } from '../../src/store/node-file.ts'
import { failingFs } from './failing-fs.ts'
import { bytesOf, rawCID, v0CID } from './fake-share.ts'
import { useTempDir } from './temp-dir.ts'

const tempDir = useTempDir()
const place = async () => join(await tempDir(), 'share', 'nodes.car')

const node = (name: string, length = 100) => {
  const bytes = bytesOf(name, length)
  return { cid: rawCID(bytes), bytes }
}
const root = node('root').cid
const nodes = Array.from({ length: 20 }, (_, nth) => node(`node ${nth}`, 50 + nth * 10))

async function fill(file: string, blocks = nodes): Promise<void> {
  const store = await openNodeStore(file, { root })
  for (const { cid, bytes } of blocks) {
    await store.put(cid, bytes)
  }
  await store.close()
}

async function held(file: string): Promise<number[]> {
  const store = await openNodeStore(file, { root })
  const found: number[] = []
  for (const [nth, { cid, bytes }] of nodes.entries()) {
    const block = await store.get(cid)
    if (block !== undefined) {
      expect(Buffer.compare(block, bytes)).toBe(0)
      found.push(nth)
    }
  }
  await store.close()
  return found
}

const all = nodes.map((_, nth) => nth)

describe('a node file', () => {
  it('can be read by any CAR reader', async () => {
    const file = await place()
    await fill(file)
    const reader = await CarReader.fromBytes(await readFile(file))
    expect(reader.version).toBe(1)
    expect((await reader.getRoots()).map(String)).toEqual([root.toString()])
    for (const { cid, bytes } of nodes) {
      expect(Buffer.from((await reader.get(cid))?.bytes ?? [])).toEqual(Buffer.from(bytes))
    }
  })

  it('finds a block under every CID of its hash', async () => {
    const file = await place()
    await fill(file)
    const store = await openNodeStore(file, { root })
    const { cid, bytes } = nodes[0]!
    expect(await store.get(CID.createV1(0x70, cid.multihash))).toBeDefined()
    expect(await store.get(v0CID(bytes))).toBeDefined()
    await store.close()
  })

  it('cut off anywhere, has every block before the cut, and goes on from there', async () => {
    const file = await place()
    await fill(file)
    const whole = await readFile(file)
    const copy = await place()
    await mkdir(join(copy, '..'))
    for (let length = 0; length <= whole.byteLength; length += 173) {
      await writeFile(copy, whole.subarray(0, length))
      const found = await held(copy)
      expect(found).toEqual(all.slice(0, found.length))
      await fill(copy)
      expect(await held(copy)).toEqual(all)
      expect((await readFile(copy)).byteLength).toBe(whole.byteLength)
    }
  })

  it('does not hand out a block that no longer hashes to its CID', async () => {
    const file = await place()
    await fill(file)
    const bytes = await readFile(file)
    const at = bytes.indexOf(nodes[7]!.bytes)
    bytes[at] = ~(bytes[at] ?? 0)
    await writeFile(file, bytes)
    expect(await held(file)).toEqual(all.filter((nth) => nth !== 7))
    const store = await openNodeStore(file, { root })
    expect(store.has(nodes[7]!.cid)).toBe(true)
    expect(await store.get(nodes[7]!.cid)).toBeUndefined()
    expect(store.has(nodes[7]!.cid)).toBe(false)
    await store.put(nodes[7]!.cid, nodes[7]!.bytes)
    expect(await store.get(nodes[7]!.cid)).toBeDefined()
    await store.close()
    expect(await held(file)).toEqual(all)
  })

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['something else', Buffer.from('not a car at all, but long enough to be looked at'.repeat(3))],
    ['zeros', Buffer.alloc(500)]
  ])('begins anew over %s', async (_, content) => {
    const file = await place()
    await fill(file, [])
    await writeFile(file, content)
    await fill(file)
    expect(await held(file)).toEqual(all)
  })

  it('ignores a tail of garbage', async () => {
    for (const tail of [Buffer.alloc(100), Buffer.alloc(100, 0xff), Buffer.from('05aabbccddee', 'hex')]) {
      const file = await place()
      await fill(file, nodes.slice(0, 5))
      await appendFile(file, tail)
      expect(await held(file)).toEqual([0, 1, 2, 3, 4])
      await fill(file)
      expect(await held(file)).toEqual(all)
    }
  })

  it('of another root begins anew', async () => {
    const file = await place()
    await fill(file)
    const other = await openNodeStore(file, { root: node('another').cid })
    expect(other.has(nodes[0]!.cid)).toBe(false)
    await other.close()
  })

  it('is shared by two stores that append at the same time', async () => {
    const file = await place()
    const [one, two] = [await openNodeStore(file, { root }), await openNodeStore(file, { root })]
    for (const [nth, { cid, bytes }] of nodes.entries()) {
      await (nth % 2 === 0 ? one : two).put(cid, bytes)
      if (nth % 3 === 0) {
        await Promise.all([one.flush(), two.flush()])
      }
    }
    await one.flush()
    await two.flush()
    for (const [nth, { cid }] of nodes.entries()) {
      expect(await (nth % 2 === 0 ? one : two).get(cid)).toBeDefined()
    }
    await one.close()
    await two.close()
    expect(await held(file)).toEqual(all)
  })

  it('takes a node of MAX_NODE_BYTES and no larger one', async () => {
    const file = await place()
    const store = await openNodeStore(file, { root })
    const largest = node('large', MAX_NODE_BYTES)
    await store.put(largest.cid, largest.bytes)
    const larger = node('larger', MAX_NODE_BYTES + 1)
    await expect(store.put(larger.cid, larger.bytes)).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED_DAG' })
    await store.close()
    const again = await openNodeStore(file, { root })
    expect(again.has(largest.cid)).toBe(true)
    await again.close()
  })

  it('writes once for many small nodes, and never keeps back more than NODE_WRITE_BYTES', async () => {
    const { fs, calls } = failingFs(() => undefined)
    const store = await openNodeStore(await place(), { root, fs })
    const before = calls.filter(({ name }) => name === 'handle.write').length
    const size = 1024
    const count = NODE_WRITE_BYTES / size
    for (let nth = 0; nth < count - 1; nth++) {
      const { cid, bytes } = node(`small ${nth}`, size)
      await store.put(cid, bytes)
    }
    expect(calls.filter(({ name }) => name === 'handle.write').length).toBe(before)
    const { cid, bytes } = node('the last', size)
    await store.put(cid, bytes)
    expect(calls.filter(({ name }) => name === 'handle.write').length).toBe(before + 1)
    await store.close()
  })

  it('loses nothing to a full disk: what could not be written is written later', async () => {
    const file = await place()
    let full = false
    const { fs } = failingFs(({ name }) => (full && name === 'handle.write' ? 'ENOSPC' : undefined))
    const store = await openNodeStore(file, { root, fs })
    await store.put(nodes[0]!.cid, nodes[0]!.bytes)
    full = true
    await expect(store.flush()).rejects.toMatchObject({ code: 'ERR_DISK', errno: 'ENOSPC' })
    expect(await store.get(nodes[0]!.cid)).toBeDefined()
    // and half a section that did get to the disk is cut off
    await appendFile(file, Buffer.from([80, 1, 0x55]))
    full = false
    await store.close()
    expect(await held(file)).toEqual([0])
  })

  it('is not followed when it is a link', async () => {
    const file = await place()
    const victim = join(await tempDir(), 'victim')
    await writeFile(victim, 'precious')
    await mkdir(join(file, '..'))
    await symlink(victim, file)
    await expect(openNodeStore(file, { root })).rejects.toMatchObject({ code: 'ERR_DISK', errno: 'ELOOP' })
    expect(await readFile(victim, 'utf8')).toBe('precious')
  })

  it('that somebody cut while it was open answers that the block is not here', async () => {
    const file = await place()
    await fill(file)
    const store = await openNodeStore(file, { root })
    await truncate(file, (await stat(file)).size - 10)
    expect(await store.get(nodes.at(-1)!.cid)).toBeUndefined()
    const extra = node('extra')
    await store.put(extra.cid, extra.bytes)
    await store.close()
    expect(await held(file)).toEqual(all.slice(0, -1))
  })

  it('opens with 5,000 nodes', async () => {
    const file = await place()
    const store = await openNodeStore(file, { root })
    const many = Array.from({ length: 5_000 }, (_, nth) => node(`many ${nth}`, 40))
    for (const { cid, bytes } of many) {
      await store.put(cid, bytes)
    }
    await store.close()
    const again = await openNodeStore(file, { root })
    expect(many.every(({ cid }) => again.has(cid))).toBe(true)
    await again.close()
  })
})
