import { createHash, createHmac } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'

const [USERNAME, MESSAGE_INTEGRITY, ERROR_CODE, REALM, NONCE] = [0x0006, 0x0008, 0x0009, 0x0014, 0x0015]
const ALLOCATE_ERROR = 0x0113
const HEADER_BYTES = 20
const THE_REALM = 'test'

/** Asks whoever wants an allocation who it is, as TURN does, and gives none. */
export interface TurnDouble {
  readonly port: number
  /** The first answer: the user name, and whether it was signed with `credential` (RFC 8489 section 9.2). */
  readonly asked: Promise<{ readonly username: string; readonly isSigned: boolean }>
  close(): void
}

export async function turnDouble(credential: string): Promise<TurnDouble> {
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const asked = Promise.withResolvers<{ username: string; isSigned: boolean }>()
  socket.on('message', (question, from) => {
    const username = find(question, USERNAME)?.value.toString()
    if (username === undefined) {
      socket.send(whoAreYou(question), from.port, from.address)
    } else {
      asked.resolve({ username, isSigned: isSigned(question, username, credential) })
    }
  })
  return { port: socket.address().port, asked: asked.promise, close: () => void socket.close() }
}

function whoAreYou(question: Buffer): Buffer {
  const body = Buffer.concat([
    attribute(ERROR_CODE, Buffer.of(0, 0, 4, 1)),
    attribute(REALM, Buffer.from(THE_REALM)),
    attribute(NONCE, Buffer.from('once'))
  ])
  return Buffer.concat([header(ALLOCATE_ERROR, body.length), question.subarray(4, HEADER_BYTES), body])
}

/** What is signed ends where the signature begins, with a length that includes it. */
function isSigned(message: Buffer, username: string, credential: string): boolean {
  const signature = find(message, MESSAGE_INTEGRITY)
  if (signature === undefined) {
    return false
  }
  const signed = Buffer.from(message.subarray(0, signature.at))
  signed.writeUInt16BE(signature.at + 24 - HEADER_BYTES, 2)
  const key = createHash('md5').update(`${username}:${THE_REALM}:${credential}`).digest()
  return createHmac('sha1', key).update(signed).digest().equals(signature.value)
}

function find(message: Buffer, wanted: number): { readonly at: number; readonly value: Buffer } | undefined {
  for (let at = HEADER_BYTES; at + 4 <= message.length;) {
    const length = message.readUInt16BE(at + 2)
    if (message.readUInt16BE(at) === wanted) {
      return { at, value: message.subarray(at + 4, at + 4 + length) }
    }
    at += 4 + Math.ceil(length / 4) * 4
  }
  return undefined
}

function attribute(type: number, value: Buffer): Buffer {
  return Buffer.concat([header(type, value.length), value, Buffer.alloc(-value.length & 3)])
}

function header(type: number, length: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt16BE(type, 0)
  bytes.writeUInt16BE(length, 2)
  return bytes
}
