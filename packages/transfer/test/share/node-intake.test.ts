import { createHash } from 'node:crypto'
import { CID } from 'multiformats/cid'
import * as Digest from 'multiformats/hashes/digest'
import { describe, expect, test } from 'vitest'
import { MAX_ENTRIES } from '../../src/constants.ts'
import { MAX_DAG_DEPTH, MAX_MAP_BYTES, MAX_NODES, NodeIntake } from '../../src/share/node-intake.ts'
import type { NodeIntakeInit } from '../../src/share/node-intake.ts'

function cidOf(text: string): CID {
  return CID.createV1(0x55, Digest.create(0x12, new Uint8Array(createHash('sha256').update(text).digest())))
}

function open(needed: (cid: CID) => CID[] = () => [], init: Pick<NodeIntakeInit, 'maxNodes'> = {}) {
  const wanted: string[] = []
  const failed: unknown[] = []
  const done = Promise.withResolvers<undefined>()
  const intake = new NodeIntake({
    nodes: { put: () => Promise.resolve() },
    needed,
    wanted: (cid) => wanted.push(cid.toString()),
    stored: () => {
      done.resolve(undefined)
    },
    failed: (error) => {
      failed.push(error)
      done.resolve(undefined)
    },
    ...init
  })
  return { intake, wanted, failed, done: done.promise }
}

describe('inner nodes that came', () => {
  test('make what is below them wanted, each once, also where nodes link to each other in a circle', async () => {
    const [a, b] = [cidOf('a'), cidOf('b')]
    const { intake, wanted, done } = open(() => [a, b, a])
    intake.want(a)
    intake.store(a, new Uint8Array(5))
    await done
    expect(wanted).toEqual([a.toString(), b.toString()])
    expect([intake.bytes, intake.isBusy]).toEqual([5, false])
  })

  test('that cannot be used end it', async () => {
    const { intake, failed, done } = open(() => {
      throw new RangeError('no such node')
    })
    intake.store(cidOf('a'), new Uint8Array(1))
    await done
    expect(failed).toHaveLength(1)
  })

  test('are MAX_DAG_DEPTH levels deep at most, and one more ends it', () => {
    const { intake, wanted, failed } = open((cid) => [cidOf(`below ${cid.toString()}`)])
    intake.want(cidOf('root'))
    let cid = cidOf('root')
    for (let depth = 1; depth <= MAX_DAG_DEPTH; depth++) {
      intake.expand(cid, new Uint8Array())
      cid = cidOf(`below ${cid.toString()}`)
    }
    expect([wanted.length, failed.length]).toEqual([1 + MAX_DAG_DEPTH, 0])
    intake.expand(cid, new Uint8Array())
    expect(failed).toMatchObject([{ code: 'ERR_UNSUPPORTED_DAG' }])
    expect(wanted).toHaveLength(1 + MAX_DAG_DEPTH)
  })

  test('may be so many that are named, MAX_NODES unless a test says less, each counted once; one more ends it', () => {
    const names = Array.from({ length: 6 }, (_, at) => cidOf(String(at)))
    const { intake, wanted, failed } = open(() => names, { maxNodes: 5 })
    for (const cid of [...names.slice(0, 5), ...names.slice(0, 5)]) {
      intake.want(cid)
    }
    expect([wanted.length, failed.length]).toEqual([5, 0])
    intake.expand(cidOf('0'), new Uint8Array())
    expect(wanted).toHaveLength(5)
    expect(failed).toMatchObject([{ code: 'ERR_UNSUPPORTED_DAG', message: 'the map has more than 5 nodes' }])
    expect(MAX_NODES).toBeGreaterThan(MAX_ENTRIES)
  })

  test('have MAX_MAP_BYTES at most, and one byte more ends it', () => {
    const { intake, failed } = open()
    const half = { byteLength: MAX_MAP_BYTES / 2 } as Uint8Array
    intake.store(cidOf('a'), half)
    intake.store(cidOf('b'), half)
    expect(failed).toEqual([])
    intake.store(cidOf('c'), new Uint8Array(1))
    expect(failed).toMatchObject([{ code: 'ERR_UNSUPPORTED_DAG' }])
  })
})
