import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { CID } from 'multiformats/cid'
import { afterEach, describe, expect, test } from 'vitest'
import type { GetOptions, StallCause, TransferEvent, TransferInit } from '../../src/index.ts'
import { openLanes } from '../../src/session/handshake.ts'
import { streamLane } from '../../src/session/lane.ts'
import { Session } from '../../src/session/session.ts'
import { asProvider, finish, Harness, routingTo } from './harness.ts'
import type { TestNode } from './harness.ts'

const MIB = 1024 * 1024
const harness = new Harness()

afterEach(async () => {
  await harness.stop()
})

async function seed(bytes: number, init: TransferInit = {}) {
  const directory = await harness.directory()
  const path = join(directory, 'source.bin')
  await writeFile(path, randomBytes(bytes))
  const node = await harness.node(init)
  return { node, share: await node.services.transfer.share(path) }
}

/** What a download says until it stalls, which it does soon. */
async function untilStalled(
  getter: TestNode,
  root: CID,
  options: GetOptions,
  cause?: StallCause
): Promise<TransferEvent & { type: 'stalled' }> {
  const output = await harness.directory()
  const said: TransferEvent[] = []
  for await (const event of getter.services.transfer.get(root, { output, stallAfterMs: 50, ...options })) {
    said.push(event)
    if (event.type === 'stalled' && (cause === undefined || event.cause === cause)) {
      return event
    }
  }
  throw new TypeError(`it ended with ${said.at(-1)?.type ?? 'nothing'}`)
}

/** A search that finds nobody and does not end. */
function nowhere(self: TestNode) {
  return routingTo(asProvider(self), new Promise(() => undefined))
}

/** A peer that says it has everything, and never that it is anybody's turn; as soon as the getter wants the root. */
async function openMiser(getter: TestNode, root: CID, leaves: number): Promise<Session> {
  const node = await harness.node()
  const connection = await node.dial(getter.getMultiaddrs())
  const signal = AbortSignal.timeout(5000)
  for (;;) {
    const lanes = await openLanes(connection, root, { signal }).catch(() => undefined)
    if (lanes !== undefined) {
      const { control, data } = lanes
      const session = new Session({ peer: getter.peerId, root, control: streamLane(control), data: streamLane(data) })
      session.send({ type: 'want', ranges: [], urgent: false, adds: false })
      session.send({ type: 'have', ranges: [{ start: 0, count: leaves }] })
      return session
    }
    signal.throwIfAborted()
  }
}

describe('a download that stands still says why', () => {
  test('nobody is known', async () => {
    const { share } = await seed(100)
    const getter = await harness.node()
    getter.services.transfer.use({ routing: nowhere(getter) })
    expect(await untilStalled(getter, share.root, {})).toMatchObject({ cause: 'no-peer', trying: [{ type: 'search' }] })
  })

  test('who is known cannot be reached, with what the last attempt said', async () => {
    const { node, share } = await seed(100)
    const provider = asProvider(node)
    await node.stop()
    const getter = await harness.node()
    const stalled = await untilStalled(getter, share.root, { providers: [provider] }, 'unreachable')
    expect(stalled.detail).toContain('the peer that is known cannot be reached')
    expect(['dial', 'reconnect']).toContain(stalled.trying[0]?.type)
  })

  test('the limit of this node is used up', async () => {
    const { node, share } = await seed(2 * MIB)
    const getter = await harness.node({ downloadBytesPerSecond: 1024 })
    const stalled = await untilStalled(getter, share.root, { providers: [asProvider(node)] }, 'rate-limit')
    expect(stalled.detail).toContain('1024 bytes a second')
    expect(stalled.trying).toMatchObject([{ type: 'wait-cap' }])
  })

  test('who has it gives no slot', async () => {
    const { node, share } = await seed(8 * MIB)
    const getter = await harness.node({ directory: await harness.directory() })
    const output = await harness.directory()
    for await (const { type } of getter.services.transfer.get(share.root, { output, providers: [asProvider(node)] })) {
      if (type === 'map') {
        break // which is remembered
      }
    }
    await node.stop()
    getter.services.transfer.use({ routing: nowhere(getter) })
    const miser = openMiser(getter, share.root, share.leaves)
    const stalled = await untilStalled(getter, share.root, { output }, 'choked')
    await miser
    expect(stalled.trying[0]).toEqual({ type: 'wait-slot', peers: 1 })
  })
})

describe('giving up', () => {
  test('names the cause, and the last event accounts for what came', async () => {
    const { node, share } = await seed(2 * MIB)
    const getter = await harness.node({ downloadBytesPerSecond: 1024 })
    const said: TransferEvent[] = []
    const output = await harness.directory()
    const options = { output, providers: [asProvider(node)], stallTimeoutMs: 3_000 }
    const download = (async () => {
      for await (const event of getter.services.transfer.get(share.root, options)) {
        said.push(event)
      }
    })()
    await expect(download).rejects.toMatchObject({ code: 'ERR_TRANSFER_STALLED', stall: 'rate-limit' })
    const last = said.at(-1)
    expect(last).toMatchObject({ type: 'failed', root: share.root, error: { code: 'ERR_TRANSFER_STALLED' } })
    expect(last?.type === 'failed' && last.traffic.received).toBeGreaterThan(0)
  })
})

describe('the account of a download', () => {
  test('that went well: all is useful, and each source has its part', async () => {
    const { node, share } = await seed(3 * MIB)
    const getter = await harness.node()
    const output = await harness.directory()
    const done = await finish(getter.services.transfer.get(share.root, { output, providers: [asProvider(node)] }))
    const { traffic, sources } = done
    expect(traffic.received).toBe(done.bytesReceived)
    expect(traffic).toMatchObject({
      useful: traffic.received,
      wasted: { corrupt: 0, duplicate: 0, unrequested: 0 }
    })
    expect(sources).toMatchObject([{ bytes: 3 * MIB, traffic }])
  })
})
