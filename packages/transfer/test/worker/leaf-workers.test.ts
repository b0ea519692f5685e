import { hash, randomBytes } from 'node:crypto'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { rebuildLeaf } from '../../src/leaf-block.ts'
import { leafEnvelope } from '../../src/leaf-envelope.ts'
import type { WriteJob } from '../../src/worker/leaf-job.ts'
import { LeafWorkers, WORKER_IDLE_MS, WORKER_WORTH_BYTES } from '../../src/worker/leaf-workers.ts'
import type { LeafWorkersInit } from '../../src/worker/leaf-workers.ts'

const LEAF = 256 * 1024

let directory = ''
const opened: number[] = []
const started: LeafWorkers[] = []

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'p2pshare-test-'))
})
afterEach(async () => {
  await Promise.all(started.splice(0).map(async (workers) => workers.close()))
  for (const fd of opened.splice(0)) {
    closeSync(fd)
  }
  await rm(directory, { recursive: true, force: true })
})

function shared(bytes: Uint8Array): Uint8Array {
  const view = new Uint8Array(new SharedArrayBuffer(bytes.byteLength + 100), 50, bytes.byteLength)
  view.set(bytes)
  return view
}

function open(flags = 'w+'): { readonly fd: number; readonly path: string } {
  const path = join(directory, 'file')
  const fd = openSync(path, flags)
  opened.push(fd)
  return { fd, path }
}

function sha(bytes: Uint8Array): Uint8Array {
  return hash('sha256', bytes, 'buffer')
}

/** Workers that are at work: enough went through them to be worth a thread, and it is online. */
async function workers(init: LeafWorkersInit = {}): Promise<LeafWorkers> {
  const made = new LeafWorkers({ workers: 1, ...init })
  started.push(made)
  const filler = shared(new Uint8Array(WORKER_WORTH_BYTES))
  await made.digest([{ bytes: filler }])
  if (init.workers !== 0) {
    await expect.poll(() => made.threads, { interval: 5 }).toBeGreaterThan(0)
  }
  return made
}

function mortal(lives: number, how: 'throw' | 'exit' | 'at start'): () => Worker {
  return () => new Worker(new URL('./support/mortal-worker.mjs', import.meta.url), { workerData: { lives, how } })
}

describe.each([
  ['in a thread', 1],
  ['on the main thread', 0]
])('leaves, %s', (_, count) => {
  test('are hashed in order', async () => {
    const made = await workers({ workers: count })
    const leaves = Array.from({ length: 20 }, (_, at) => shared(randomBytes(LEAF + at)))
    const digests = await made.digest(leaves.map((bytes) => ({ bytes })))
    expect(digests.map((digest) => Buffer.from(digest).toString('hex'))).toEqual(
      leaves.map((bytes) => hash('sha256', bytes, 'hex'))
    )
  })

  test('are hashed with their envelopes', async () => {
    const made = await workers({ workers: count })
    const bytes = shared(randomBytes(LEAF))
    const [digest] = await made.digest([{ bytes, envelope: leafEnvelope('pb-file', LEAF) }])
    expect(Buffer.from(digest ?? []).equals(sha(rebuildLeaf('pb-file', bytes)))).toBe(true)
  })

  test('are written where they belong when they are right', async () => {
    const made = await workers({ workers: count })
    const { fd, path } = open()
    const content = randomBytes(4 * LEAF)
    const outcomes = await Promise.all(
      [3, 0, 2, 1].map(async (leaf) => {
        const bytes = shared(content.subarray(leaf * LEAF, (leaf + 1) * LEAF))
        return made.verifyAndWrite({ bytes, expected: sha(bytes), envelopes: [undefined], fd, position: leaf * LEAF })
      })
    )
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['written', 'written', 'written', 'written'])
    expect(readFileSync(path).equals(content)).toBe(true)
  })

  test('are right in the second envelope too', async () => {
    const made = await workers({ workers: count })
    const bytes = shared(randomBytes(LEAF))
    const { fd } = open()
    const envelopes = [leafEnvelope('pb-file', LEAF), leafEnvelope('pb-raw', LEAF)]
    const job = { bytes, envelopes, fd, position: 0 }
    const expected = sha(rebuildLeaf('pb-raw', bytes))
    expect(await made.verifyAndWrite({ ...job, expected })).toEqual({ outcome: 'written' })
    expect(await made.verifyAndWrite({ ...job, expected: sha(bytes) })).toEqual({ outcome: 'wrong' })
  })

  test('that are wrong are not written', async () => {
    const made = await workers({ workers: count })
    const { fd, path } = open()
    const bytes = shared(randomBytes(LEAF))
    const expected = sha(randomBytes(LEAF))
    expect(await made.verifyAndWrite({ bytes, expected, envelopes: [undefined], fd, position: 0 })).toEqual({
      outcome: 'wrong'
    })
    expect(readFileSync(path)).toHaveLength(0)
  })

  test('that the system refuses come back with what it said', async () => {
    const made = await workers({ workers: count })
    open()
    const { fd } = open('r')
    const bytes = shared(randomBytes(LEAF))
    const result = await made.verifyAndWrite({ bytes, expected: sha(bytes), envelopes: [undefined], fd, position: 0 })
    expect(result).toMatchObject({ outcome: 'refused', refusal: { code: 'EBADF', syscall: 'write' } })
  })
})

describe('threads', () => {
  test('are not started for less than WORKER_WORTH_BYTES', async () => {
    const made = new LeafWorkers({ workers: 1, spawn: () => expect.unreachable() })
    started.push(made)
    await made.digest([{ bytes: shared(new Uint8Array(WORKER_WORTH_BYTES - 1)) }])
    expect(made.threads).toBe(0)
  })

  test('are left out for memory that is not shared', async () => {
    const made = await workers({ spawn: mortal(0, 'exit') })
    const bytes = randomBytes(LEAF)
    const [digest] = await made.digest([{ bytes }])
    expect(Buffer.from(digest ?? []).equals(sha(bytes))).toBe(true)
    expect(made.threads).toBe(1)
  })

  test('are as many as there is work for, and no more than were allowed', async () => {
    const made = await workers({ workers: 2 })
    const leaves = Array.from({ length: 64 }, () => shared(new Uint8Array(LEAF)))
    while (made.threads < 2) {
      await made.digest(leaves.map((bytes) => ({ bytes })))
    }
    await made.digest(leaves.map((bytes) => ({ bytes })))
    expect(made.threads).toBe(2)
  })

  test.each(['throw', 'exit'] as const)(
    'that die (%s) lose nothing: it is done again on the main thread',
    async (how) => {
      const made = await workers({ spawn: mortal(1, how) })
      const { fd, path } = open()
      const content = randomBytes(16 * LEAF)
      const write = async (leaf: number) => {
        const bytes = shared(content.subarray(leaf * LEAF, (leaf + 1) * LEAF))
        const job: WriteJob = { bytes, expected: sha(bytes), envelopes: [undefined], fd, position: leaf * LEAF }
        return made.verifyAndWrite(job)
      }
      const outcomes = []
      for (let round = 0; round < 4; round++) {
        outcomes.push(...(await Promise.all([0, 1, 2, 3].map(async (at) => write(round * 4 + at)))))
      }
      expect(outcomes.every(({ outcome }) => outcome === 'written')).toBe(true)
      expect(readFileSync(path).equals(content)).toBe(true)
    }
  )

  test.each<[string, () => Worker]>([
    ['do not come up', mortal(0, 'at start')],
    [
      'the system does not give',
      () => {
        throw new TypeError('no threads')
      }
    ]
  ])('that %s are done without', async (_, spawn) => {
    const made = new LeafWorkers({ workers: 1, spawn })
    started.push(made)
    const bytes = shared(randomBytes(WORKER_WORTH_BYTES))
    for (let round = 0; round < 6; round++) {
      const [digest] = await made.digest([{ bytes }])
      expect(Buffer.from(digest ?? []).equals(sha(bytes))).toBe(true)
      await new Promise((resolve) => setImmediate(resolve))
    }
  })

  test('end when they have nothing to do for WORKER_IDLE_MS to twice that, and come back when it is worth it', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    try {
      const made = new LeafWorkers({ workers: 1 })
      started.push(made)
      const filler = shared(new Uint8Array(WORKER_WORTH_BYTES))
      const online = async (): Promise<void> => {
        await made.digest([{ bytes: filler }])
        while (made.threads === 0) {
          await new Promise((resolve) => setImmediate(resolve))
        }
      }
      await online()
      await made.digest([{ bytes: filler }])
      vi.advanceTimersByTime(WORKER_IDLE_MS)
      expect(made.threads, 'it was busy').toBe(1)
      vi.advanceTimersByTime(WORKER_IDLE_MS)
      expect(made.threads).toBe(0)
      await online()
      expect(made.threads).toBe(1)
    } finally {
      vi.useRealTimers()
    }
  })

  test('that are ended do what they have first, and what comes later is done without them', async () => {
    const made = await workers()
    const leaves = Array.from({ length: 40 }, () => shared(randomBytes(LEAF)))
    const digesting = made.digest(leaves.map((bytes) => ({ bytes })))
    await made.close()
    const digests = [...(await digesting), ...(await made.digest([{ bytes: leaves[0] ?? new Uint8Array() }]))]
    expect(digests.map((digest) => Buffer.from(digest).toString('hex'))).toEqual(
      [...leaves, leaves[0] ?? new Uint8Array()].map((bytes) => hash('sha256', bytes, 'hex'))
    )
  })
})
