import { once } from 'node:events'
import type { Socket } from 'node:net'
import type { MessageStream, MessageStreamEvents } from '@libp2p/interface'
import { seededRandom } from '@p2pshare/testkit'
import fc from 'fast-check'
import { Uint8ArrayList } from 'uint8arraylist'
import { checkLeaks } from '@p2pshare/testkit/vitest'
import { describe, expect, it } from 'vitest'
import { securePair } from '../support/tls-pair.ts'
import { cleanUpSockets } from '../support/sockets.ts'

checkLeaks()
cleanUpSockets()

const MEBIBYTE = 1024 * 1024
const random = seededRandom('tls stream')

async function next<K extends keyof MessageStreamEvents>(
  stream: MessageStream,
  type: K
): Promise<MessageStreamEvents[K]> {
  return new Promise((resolve) => {
    stream.addEventListener(
      type,
      (event) => {
        resolve(event)
      },
      { once: true }
    )
  })
}

/** All bytes until the stream ends. */
async function collect(stream: MessageStream): Promise<Buffer> {
  const parts: Uint8Array[] = []
  for await (const part of stream) {
    parts.push(part.subarray())
  }
  return Buffer.concat(parts)
}

describe('an encrypted stream', () => {
  it('carries any bytes in any chunks both ways, with any pauses', async () => {
    const bytes = fc.array(fc.uint8Array({ minLength: 1, maxLength: 70_000 }), { minLength: 1, maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(bytes, bytes, fc.boolean(), async (up, down, list) => {
        const { client, server } = await securePair()
        const [a, b] = [client.secured.connection, server.secured.connection]
        const [gotByServer, gotByClient] = [collectSlowly(b, total(up)), collectSlowly(a, total(down))]
        if (list) {
          a.send(new Uint8ArrayList(...up))
        } else {
          up.forEach((part) => a.send(part))
        }
        down.forEach((part) => b.send(part))
        expect((await gotByServer).equals(Buffer.concat(up))).toBe(true)
        expect((await gotByClient).equals(Buffer.concat(down))).toBe(true)
        await a.close()
      }),
      { numRuns: 20, seed: 4 }
    )
  })

  it('says to wait when its buffers are full, and when to go on', async () => {
    const { client, server } = await securePair()
    const { connection } = client.secured
    let sent = 0
    while (connection.send(new Uint8Array(MEBIBYTE))) {
      sent++
    }
    const drained = next(connection, 'drain')
    const received = collect(server.secured.connection)
    await drained
    await connection.close()
    expect((await received).byteLength).toBe((sent + 1) * MEBIBYTE)
  })

  it('delivers everything before a close of the stream ends it', async () => {
    const { client, server } = await securePair()
    const data = random.bytes(8 * MEBIBYTE)
    const received = collect(server.secured.connection)
    for (let at = 0; at < data.byteLength; at += 65_536) {
      client.secured.connection.send(data.subarray(at, at + 65_536))
    }
    await client.secured.connection.close()
    expect((await received).equals(data)).toBe(true)
    expect(client.secured.connection.status).toBe('closed')
    expect(client.connection.status).toBe('closed')
  })

  it('delivers everything before a close of the connection beneath ends it, as libp2p closes', async () => {
    const { client, server } = await securePair()
    const data = random.bytes(8 * MEBIBYTE)
    const received = collect(server.secured.connection)
    for (let at = 0; at < data.byteLength; at += 65_536) {
      client.secured.connection.send(data.subarray(at, at + 65_536))
    }
    await client.connection.close()
    expect((await received).equals(data)).toBe(true)
    expect(client.secured.connection.status).toBe('closed')
  })

  it('delivers everything although the other side sends without end', async () => {
    const { client, server } = await securePair()
    const data = random.bytes(2 * MEBIBYTE)
    const received = collect(server.secured.connection)
    const noise = setInterval(() => {
      if (server.secured.connection.status === 'open') {
        server.secured.connection.send(new Uint8Array(65_536))
      }
    }, 0)
    client.secured.connection.send(data)
    await client.secured.connection.close()
    clearInterval(noise)
    expect((await received).equals(data)).toBe(true)
  })

  it('is told that the other side closed', async () => {
    const { client, server } = await securePair()
    const closed = next(server.secured.connection, 'close')
    await client.secured.connection.close()
    expect((await closed).error).toBeUndefined()
    expect(server.secured.connection.status).toBe('closed')
    await gone(server.socket)
    expect(server.connection.status).toBe('closed')
  })

  it('ends on both sides with an error when one of them aborts', async () => {
    const { client, server } = await securePair()
    const heard = next(server.secured.connection, 'message')
    client.secured.connection.send(Uint8Array.of(1))
    await heard
    const closed = next(server.secured.connection, 'close')
    client.secured.connection.abort(new TypeError('enough'))
    expect(client.secured.connection.status).toBe('aborted')
    expect(client.connection.status).toBe('aborted')
    expect((await closed).error).toBeDefined()
    expect(server.secured.connection.status).toBe('reset')
  })

  it('ends with the error of the connection beneath', async () => {
    const { client, server } = await securePair()
    const closed = next(client.secured.connection, 'close')
    client.connection.abort(new TypeError('from beneath'))
    expect((await closed).error?.message).toBe('from beneath')
    expect(client.secured.connection.status).toBe('aborted')
    await gone(server.socket)
  })

  it('ends when the line is cut', async () => {
    const { client, server } = await securePair()
    const closed = next(server.secured.connection, 'close')
    client.socket.resetAndDestroy()
    await closed
    expect(server.secured.connection.status).not.toBe('open')
    expect(() => server.secured.connection.send(Uint8Array.of(1))).toThrow()
  })

  it('ends when a record was changed on its way, on the side of the server too', async () => {
    for (const victim of ['client', 'server'] as const) {
      const pair = await securePair()
      const other = victim === 'client' ? pair.server : pair.client
      const closed = next(pair[victim].secured.connection, 'close')
      // straight to the system, past TLS: an application data record that nobody encrypted
      other.socket.write(Buffer.concat([Uint8Array.of(0x17, 0x03, 0x03, 0, 32), new Uint8Array(32)]))
      expect((await closed).error).toBeDefined()
      expect(pair[victim].secured.connection.status).toBe('aborted')
    }
  })

  it('does not wait for a peer that takes nothing when the signal of its close aborts', async () => {
    const { client, server } = await securePair()
    server.secured.connection.pause()
    while (client.secured.connection.send(new Uint8Array(MEBIBYTE))) {
      // until all buffers on the way are full
    }
    const controller = new AbortController()
    const closing = client.secured.connection.close({ signal: controller.signal })
    closing.catch(() => {})
    controller.abort(new TypeError('not waiting'))
    await expect(closing).rejects.toThrow('not waiting')
    client.secured.connection.abort(new TypeError('the test is over'))
  })

  it('stops reading while it is paused', async () => {
    const { client, server } = await securePair()
    const reader = server.secured.connection
    let got = 0
    reader.addEventListener('message', ({ data }) => {
      got += data.byteLength
    })
    reader.pause()
    const data = new Uint8Array(16 * MEBIBYTE)
    client.secured.connection.send(data.subarray(0, 8 * MEBIBYTE))
    client.secured.connection.send(data.subarray(8 * MEBIBYTE))
    for (let turn = 0; turn < 50; turn++) {
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(got).toBe(0)
    expect(client.secured.connection.writableNeedsDrain).toBe(true)
    reader.resume()
    await client.secured.connection.close()
    expect(got).toBe(data.byteLength)
  })
})

async function gone(socket: Socket): Promise<void> {
  if (!socket.closed) {
    await once(socket, 'close')
  }
}

function total(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, { byteLength }) => sum + byteLength, 0)
}

/** Reads with a pause after each message. */
async function collectSlowly(stream: MessageStream, bytes: number): Promise<Buffer> {
  const parts: Uint8Array[] = []
  let left = bytes
  return new Promise((resolve) => {
    stream.addEventListener('message', ({ data }) => {
      parts.push(Uint8Array.from(data.subarray()))
      left -= data.byteLength
      if (left === 0) {
        resolve(Buffer.concat(parts))
        return
      }
      stream.pause()
      setImmediate(() => {
        stream.resume()
      })
    })
  })
}
