import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Stream } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import type { Random } from '@p2pshare/testkit'
import { TRANSFER_PROTOCOL } from '@p2pshare/transfer'
import { delimit, encodeMessage } from '@p2pshare/transfer/codecs'
import type { Message } from '@p2pshare/transfer/codecs'
import type { CID } from 'multiformats/cid'
import { startNode } from '../byzantine/nodes.ts'
import type { LightNode } from '../byzantine/nodes.ts'

/** Whom it is done to. */
export interface Victim {
  readonly address: string
  readonly root: CID
  readonly leaves: number
}

/** How one connection is kept up. */
interface Doing {
  readonly random: Random
  /** Counts what was done, of all of them. */
  readonly done: { acts: number; connections: number }
  /** It is over. */
  readonly signal: AbortSignal
}

/** One connection, kept up until the signal says that it is over. */
type Attack = (victim: Victim, doing: Doing) => Promise<void>

/** Who was cut off comes back after this long. */
const RETURN_MS = 500

/** Between two things that a noisy connection does. */
const BEAT_MS = 100

/** Streams that one connection tries to have open. */
const STREAMS = 300

/** Sessions that are begun and left half open, with each beat. */
const SESSIONS = 8

const MULTISTREAM = Buffer.from('\u0013/multistream/1.0.0\n')
const TLS = Buffer.from('\u000b/tls/1.0.0\n')

/** Hostile connections by what they do. */
export const ATTACKS: Readonly<Record<string, Attack>> = {
  /** Nothing. */
  idle: bySocket(() => undefined),
  /** Begin to encrypt, and go no further. */
  'half-open handshake': bySocket((socket) => {
    socket.write(Buffer.concat([MULTISTREAM, TLS]))
  }),
  /** Agree on a protocol, a byte at a time. */
  'slow multistream': bySocket((socket, _random, beats) => {
    beats((at) => socket.write(MULTISTREAM.subarray(at % MULTISTREAM.length, (at % MULTISTREAM.length) + 1)))
  }),
  /** Random bytes. */
  garbage: bySocket((socket, random, beats) => {
    beats(() => socket.write(random.bytes(4096)))
  }),
  /** Sessions of which one lane never comes, as fast as they are taken. */
  'session flood': byNode(async (_node, open, { root }, random) => {
    for (let session = 0; session < SESSIONS; session++) {
      const stream = await open()
      stream.send(hello(root, 'control', random.bytes(16)))
    }
  }),
  /** As many streams as there may be, and more. */
  'many streams': byNode(async (_node, open) => {
    for (let count = 0; count < STREAMS / SESSIONS; count++) {
      await open()
    }
  }),
  /** Messages that say they are larger than any may be, and bodies that nobody asked for. */
  'huge messages': byNode(async (_node, open, { root }, random) => {
    const session = random.bytes(16)
    const [control, data] = [await open(), await open()]
    control.send(hello(root, 'control', session))
    data.send(hello(root, 'data', session))
    data.send(random.bytes(256 * 1024))
    control.send(Buffer.concat([Buffer.of(0xff, 0xff, 0x7f), random.bytes(64 * 1024)]))
  }),
  /** A receiver that asks for everything again and again, and reads nothing. */
  'asks and does not read': byNode(async (_node, open, { root, leaves }, random) => {
    const session = random.bytes(16)
    const [control, data] = [await open(), await open()]
    data.pause()
    control.send(hello(root, 'control', session))
    data.send(hello(root, 'data', session))
    const ranges = [{ start: 0, count: leaves }]
    const runs = Array.from({ length: Math.min(leaves, 1024) }, (_, leaf) => ({ leaf, first: 0, count: 1 }))
    control.send(say({ type: 'want', ranges, urgent: true }))
    for (let time = 0; time < SESSIONS; time++) {
      control.send(say({ type: 'request', runs }))
    }
  })
}

export const ATTACK_NAMES = Object.keys(ATTACKS)

/** What an honest connection does that has nothing to fetch. */
export const STAY: Attack = byNode(async () => Promise.resolve())

/** What is done with a socket, which is opened again when it is closed. */
function bySocket(act: (socket: Socket, random: Random, beats: (beat: (at: number) => void) => void) => void): Attack {
  return async ({ address }, { random, done, signal }) => {
    const { host, port } = placeOf(address)
    while (!signal.aborted) {
      const socket = connect({ port, host })
      done.connections++
      socket.on('error', () => undefined) // it was cut off
      socket.resume()
      let at = 0
      let timer: NodeJS.Timeout | undefined
      act(socket, random, (beat) => {
        timer = setInterval(() => {
          if (socket.writable && !socket.writableNeedDrain) {
            done.acts++
            beat(at++)
          }
        }, BEAT_MS)
      })
      const end = (): void => {
        socket.destroy()
      }
      signal.addEventListener('abort', end)
      await new Promise((resolve) => socket.once('close', resolve))
      signal.removeEventListener('abort', end)
      clearInterval(timer)
      await sleep(RETURN_MS)
    }
  }
}

/** What is done over an authenticated connection with each beat; it is dialled again when it is closed. */
function byNode(
  act: (node: LightNode, open: () => Promise<Stream>, victim: Victim, random: Random) => Promise<void>
): Attack {
  return async (victim, { random, done, signal }) => {
    const node = await startNode()
    const address = multiaddr(victim.address)
    while (!signal.aborted) {
      try {
        const connection = await node.libp2p.dial(address, { signal })
        done.connections++
        const open = async (): Promise<Stream> => {
          done.acts++
          return connection.newStream(TRANSFER_PROTOCOL, { signal, maxOutboundStreams: 2 * STREAMS })
        }
        while (connection.status === 'open') {
          await act(node, open, victim, random).catch(() => undefined) // a stream was refused
          await sleep(BEAT_MS)
        }
      } catch {
        // not let in
      }
      await sleep(RETURN_MS)
    }
    await node.stop()
  }
}

function placeOf(address: string): { host: string; port: number } {
  const parts = new Map(
    multiaddr(address)
      .getComponents()
      .map(({ name, value }) => [name, value])
  )
  return { host: parts.get('ip4') ?? '', port: Number(parts.get('tcp')) }
}

function hello(root: CID, lane: 'control' | 'data', session: Uint8Array): Uint8Array {
  return say({ type: 'hello', root, lane, session })
}

function say(message: Message): Uint8Array {
  return delimit(encodeMessage(message))
}
