import { createSocket } from 'node:dgram'
import type { RemoteInfo, Socket } from 'node:dgram'

/** A gateway on loopback that speaks PCP, NAT-PMP or both, by the letter of the RFCs, with faults on demand. */
export interface FakeGateway {
  readonly port: number
  /** Mappings it has: `tcp:4001` to the outside port. */
  readonly mappings: Map<string, number>
  /** Datagrams it got. */
  readonly questions: Buffer[]
  externalIp: string
  epochSeconds: number
  /** Answer every mapping with this result. */
  refuseWith: number
  /** Datagrams to lose before it answers one. */
  lose: number
  lifetimeSeconds: number
  /** Forget all mappings, as a restart does. */
  restart(): void
  /** Say it, as RFC 6887 section 14.1 has it, to the one port. */
  announce(port: number): void
  close(): Promise<void>
}

export async function createFakeGateway(speaks: readonly ('pcp' | 'nat-pmp')[]): Promise<FakeGateway> {
  const socket = createSocket('udp4')
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  const gateway: FakeGateway = {
    port: socket.address().port,
    mappings: new Map(),
    questions: [],
    externalIp: '5.5.1.1',
    epochSeconds: 1000,
    refuseWith: 0,
    lose: 0,
    lifetimeSeconds: 3600,
    restart: () => {
      gateway.mappings.clear()
      gateway.epochSeconds = 0
    },
    announce: (port) => {
      const bytes = Buffer.alloc(24)
      bytes.set([2, 0x80])
      socket.send(bytes, port, '127.0.0.1')
    },
    close: async () => new Promise((resolve) => socket.close(() => resolve()))
  }
  socket.on('message', (question, from) => {
    gateway.questions.push(question)
    if (gateway.lose > 0) {
      gateway.lose--
    } else if (question[0] === 2 && speaks.includes('pcp')) {
      answerPcp(socket, gateway, question, from)
    } else if (question[0] === 0 && speaks.includes('nat-pmp')) {
      answerNatPmp(socket, gateway, question, from)
    } else if (question[0] === 2 && speaks.includes('nat-pmp')) {
      // RFC 6886 section 3.5: unsupported version
      socket.send(Buffer.from([0, 0x80 | (question[1] ?? 0), 0, 1, 0, 0, 0, 0]), from.port, from.address)
    }
  })
  return gateway
}

function answerPcp(socket: Socket, gateway: FakeGateway, question: Buffer, from: RemoteInfo): void {
  const answer = Buffer.alloc(question.byteLength)
  question.copy(answer, 24, 24)
  const opcode = question.readUInt8(1)
  answer.writeUInt8(2, 0)
  answer.writeUInt8(opcode | 0x80, 1)
  answer.writeUInt32BE(gateway.epochSeconds, 8)
  if (opcode === 1) {
    const lifetime = question.readUInt32BE(4)
    const key = `${question.readUInt8(36) === 6 ? 'tcp' : 'udp'}:${question.readUInt16BE(40)}`
    const isRefused = gateway.refuseWith !== 0
    answer.writeUInt8(gateway.refuseWith, 3)
    answer.writeUInt32BE(isRefused ? 30 : Math.min(lifetime, gateway.lifetimeSeconds), 4)
    if (!isRefused) {
      const port = question.readUInt16BE(42)
      change(gateway, key, lifetime, port)
      answer.writeUInt16BE(gateway.mappings.get(key) ?? 0, 42)
      answer.fill(0, 44, 54)
      answer.fill(0xff, 54, 56)
      answer.set(gateway.externalIp.split('.').map(Number), 56)
    }
  }
  socket.send(answer, from.port, from.address)
}

function answerNatPmp(socket: Socket, gateway: FakeGateway, question: Buffer, from: RemoteInfo): void {
  const opcode = question.readUInt8(1)
  const answer = Buffer.alloc(opcode === 0 ? 12 : 16)
  answer.writeUInt8(opcode | 0x80, 1)
  answer.writeUInt32BE(gateway.epochSeconds, 4)
  if (opcode === 0) {
    answer.set(gateway.externalIp.split('.').map(Number), 8)
  } else {
    const lifetime = question.readUInt32BE(8)
    const internalPort = question.readUInt16BE(4)
    const key = `${opcode === 2 ? 'tcp' : 'udp'}:${internalPort}`
    answer.writeUInt16BE(gateway.refuseWith, 2)
    if (gateway.refuseWith === 0) {
      change(gateway, key, lifetime, question.readUInt16BE(6))
      answer.writeUInt16BE(internalPort, 8)
      answer.writeUInt16BE(gateway.mappings.get(key) ?? 0, 10)
      answer.writeUInt32BE(Math.min(lifetime, gateway.lifetimeSeconds), 12)
    }
  }
  socket.send(answer, from.port, from.address)
}

function change(gateway: FakeGateway, key: string, lifetime: number, port: number): void {
  if (lifetime === 0) {
    gateway.mappings.delete(key)
  } else {
    gateway.mappings.set(key, port)
  }
}
