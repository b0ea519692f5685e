import { defaultLogger } from '@libp2p/logger'
import { expect, test } from 'vitest'
import type { UdxConnection } from '../../src/connection.ts'
import { PATH_MESSAGE_BURST } from '../../src/constants.ts'
import { PathGuard } from '../../src/path/guard.ts'
import { derivePathKeys } from '../../src/path/keys.ts'
import type { UdpSocket } from '../../src/udp-socket.ts'
import { openPathMessage, sealPathMessage } from '../../src/wire/path.ts'
import type { PathMessage } from '../../src/wire/path.ts'

const secret = Buffer.alloc(32, 3)
const material = { asked: { secret, streamId: 1 }, answered: { secret, streamId: 2 } }
const ours = derivePathKeys(material, 'asked')
const theirs = derivePathKeys(material, 'answered')
const home = { host: '192.0.2.1', port: 1000 }
const away = { host: '192.0.2.1', port: 2000 }

/** A guard with nothing real beneath it; what it sends is opened as the other end would. */
function setUp(): {
  guard: PathGuard
  socket: UdpSocket
  sent: { message: PathMessage | undefined; port: number }[]
  made: number[]
} {
  const sent: { message: PathMessage | undefined; port: number }[] = []
  const made: number[] = []
  const socket = {
    send: (bytes: Uint8Array, { port }: { port: number }) => {
      sent.push({ message: openPathMessage(bytes, theirs.receive.key), port })
    }
  } as unknown as UdpSocket
  const connection = {
    socket,
    remote: home,
    remoteAddr: undefined,
    bytesReceived: 0,
    succession: { begin: () => undefined, expect: () => undefined, giveUp: () => undefined }
  } as unknown as UdxConnection
  const guard = new PathGuard({
    connection,
    keys: ours,
    times: { probeIntervalMs: 1000, idleProbeIntervalMs: 20_000, maxMissedProbes: 3 },
    log: defaultLogger().forComponent('test'),
    now: 0,
    random: (length) => Buffer.alloc(length, 5),
    successor: (_, { port }) => {
      made.push(port)
      return {} as never
    }
  })
  return { guard, socket, sent, made }
}

const theirProbe = (sequence: number): Uint8Array =>
  sealPathMessage({ type: 'probe', sequence }, theirs.send.token, theirs.send.key)

test('a burst of messages is looked at, and not one more until some time has passed', () => {
  const { guard, socket, sent } = setUp()
  for (let sequence = 1; sequence <= PATH_MESSAGE_BURST; sequence++) {
    guard.onDatagram(theirProbe(sequence), home, socket, 0)
  }
  expect(sent).toHaveLength(PATH_MESSAGE_BURST)
  guard.onDatagram(theirProbe(PATH_MESSAGE_BURST + 1), home, socket, 0)
  expect(sent).toHaveLength(PATH_MESSAGE_BURST)
  guard.onDatagram(theirProbe(PATH_MESSAGE_BURST + 2), home, socket, 1000)
  expect(sent).toHaveLength(PATH_MESSAGE_BURST + 1)
})

test('a move needs the challenge back from the new address, on the socket of the connection', () => {
  const { guard, socket, sent, made } = setUp()
  guard.onDatagram(theirProbe(1), away, socket, 0)
  const challenge = Buffer.alloc(8, 5)
  expect(sent).toEqual([{ message: { type: 'pong', sequence: 1, challenge }, port: away.port }])
  const proof = sealPathMessage({ type: 'prove', received: 0, challenge }, theirs.send.token, theirs.send.key)
  guard.onDatagram(proof, home, socket, 1)
  guard.onDatagram(proof, away, {} as UdpSocket, 1)
  // our own direction, reflected
  guard.onDatagram(
    sealPathMessage({ type: 'prove', received: 0, challenge }, ours.receive.token, ours.send.key),
    away,
    socket,
    1
  )
  expect(made).toEqual([])
  guard.onDatagram(proof, away, socket, 1)
  guard.onDatagram(proof, away, socket, 1)
  expect(made).toEqual([away.port])
})
