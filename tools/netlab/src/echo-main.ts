// Runs on a relay: node echo-main.ts ADDRESS OTHER_ADDRESS. Tells probes how they are seen. Prints a line when ready.
import { createSocket } from 'node:dgram'
import type { RemoteInfo, Socket } from 'node:dgram'
import { connect } from 'node:net'
import { ECHO_PORTS, FILTER_GRACE_MS, TCP_PATIENCE_MS } from './probe/protocol.ts'
import type { Answer, Question } from './probe/protocol.ts'

/** A port where nothing listens, on hosts and routers alike. */
const DEAD_PORT = 9

const [address = '', otherAddress = ''] = process.argv.slice(2)

async function listen(at: string, port: number): Promise<Socket> {
  const socket = createSocket(at.includes(':') ? 'udp6' : 'udp4')
  const { promise, resolve, reject } = Promise.withResolvers<Socket>()
  socket.once('error', reject)
  // a peer's ICMP error is no reason to end
  socket.bind(port, at, () => resolve(socket.off('error', reject).on('error', () => {})))
  return await promise
}

async function tryTcp(host: string): Promise<NonNullable<Answer['tcp']>> {
  const { promise, resolve } = Promise.withResolvers<NonNullable<Answer['tcp']>>()
  const socket = connect({ host, port: DEAD_PORT })
  const timer = setTimeout(() => resolve('dropped'), TCP_PATIENCE_MS)
  socket.on('connect', () => resolve('open'))
  socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ECONNREFUSED' ? 'refused' : 'dropped'))
  const result = await promise
  clearTimeout(timer)
  socket.destroy()
  return result
}

const [here, otherPort, there, thereOtherPort] = await Promise.all([
  listen(address, ECHO_PORTS[0]),
  listen(address, ECHO_PORTS[1]),
  listen(otherAddress, ECHO_PORTS[0]),
  listen(otherAddress, ECHO_PORTS[1])
])

async function serve(socket: Socket, question: Question, peer: RemoteInfo): Promise<void> {
  const say = (through: Socket, from: Answer['from'], tcp?: Answer['tcp']) => {
    const answer: Answer = { question, from, address: peer.address, port: peer.port, ...(tcp && { tcp }) }
    through.send(JSON.stringify(answer), peer.port, peer.address)
  }
  switch (question) {
    case 'map':
      say(socket, 'here')
      break
    case 'filter':
      say(otherPort, 'other-port')
      say(there, 'other-address')
      setTimeout(() => say(socket, 'here'), FILTER_GRACE_MS)
      break
    case 'tcp':
      say(socket, 'here', await tryTcp(peer.address))
  }
}

for (const socket of [here, otherPort, there, thereOtherPort]) {
  socket.on('message', (data, peer) => void serve(socket, data.toString() as Question, peer))
}
process.stdout.write('ready\n')
