import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { bulkChannelsSymbol } from '@p2pshare/interface'
import type { BulkChannel, BulkSink } from '@p2pshare/interface'
import { udx } from '@p2pshare/transport-udx'
import type { Udx, UdxComponents } from '@p2pshare/transport-udx'
import { expect, test } from 'vitest'
import type { NodeOptions } from '../src/index.ts'
import { fetchAll, startNode } from './nodes.ts'
import { tempDirectory } from './temp.ts'

const MEBIBYTE = 1024 * 1024
/** What can be on its way by a channel when it is lost: its window, and what is queued to be written. */
const ON_ITS_WAY_BYTES = 13 * MEBIBYTE

interface Seen {
  opened: number
  bytes: number
}

/** UDX alone; `onRead` hears of what comes by the channels that this node opens. */
function overUdx(seen: Seen, onRead: (channel: BulkChannel, seen: Seen) => void = () => undefined): NodeOptions {
  const factory = udx()
  return {
    listen: ['/ip4/127.0.0.1/udp/0/utp'],
    transports: [
      (components: UdxComponents) => {
        const transport = factory(components)
        watch(transport, seen, onRead)
        return transport
      }
    ]
  }
}

function watch(transport: Udx, seen: Seen, onRead: (channel: BulkChannel, seen: Seen) => void): void {
  const { [bulkChannelsSymbol]: channels } = transport
  if (channels === undefined) {
    throw new TypeError('no channels')
  }
  const open = channels.open.bind(channels)
  channels.open = async (address, peer, token, { sink, ...options }) => {
    const state: { channel?: BulkChannel } = {}
    const counting: BulkSink = {
      buffer: () => sink.buffer(),
      filled: (bytes) => {
        const more = sink.filled(bytes)
        seen.bytes += bytes
        if (state.channel !== undefined) {
          onRead(state.channel, seen)
        }
        return more
      }
    }
    state.channel = await open(address, peer, token, { sink: counting, ...options })
    seen.opened++
    return state.channel
  }
}

async function fetchOver(bytes: number, seen: Seen, onRead?: (channel: BulkChannel, seen: Seen) => void) {
  const content = randomBytes(bytes)
  const path = join(await tempDirectory(), 'source.bin')
  await writeFile(path, content)
  const sender = await startNode(overUdx({ opened: 0, bytes: 0 }))
  const receiver = await startNode(overUdx(seen, onRead))
  const output = await tempDirectory()
  const { ticket } = await sender.share(path)
  const events = await fetchAll(receiver, ticket, { output })
  expect((await readFile(join(output, 'source.bin'))).equals(content)).toBe(true)
  const done = events.find((event) => event.type === 'done')
  return { extra: (done?.bytesReceived ?? 0) - bytes }
}

test('a transfer over UDX goes by a channel beside the connection', async () => {
  const seen = { opened: 0, bytes: 0 }
  const { extra } = await fetchOver(24 * MEBIBYTE, seen)
  expect(seen.opened).toBe(1)
  expect(seen.bytes).toBeGreaterThan(12 * MEBIBYTE)
  expect(extra).toBeLessThan(MEBIBYTE)
})

test.each([MEBIBYTE + 4321, 5 * MEBIBYTE + 70_001])(
  'a channel that is lost in the middle of a leaf, after %i bytes, loses nothing',
  async (at) => {
    const seen = { opened: 0, bytes: 0 }
    let cuts = 0
    const { extra } = await fetchOver(24 * MEBIBYTE, seen, (channel, { bytes }) => {
      if (cuts === 0 && bytes >= at) {
        cuts++
        channel.abort(new DOMException('cut by the test', 'AbortError'))
      }
    })
    expect(cuts).toBe(1)
    expect(seen.opened).toBeGreaterThan(0)
    expect(extra).toBeLessThan(ON_ITS_WAY_BYTES)
  }
)
