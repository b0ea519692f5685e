// One node of a lab that meets others who have nothing of ours: `standard-peer.ts relay <host>`, or `standard-peer.ts dial
// <address over a relay>`, which sends something there and gets it back. It says what happens to it on its standard output,
// one JSON object a line.
import { multiaddr } from '@multiformats/multiaddr'
import { createNode, ECHO, echoed } from '../support/network.ts'

const ECHOED_BYTES = 200_000
const PORT = 4001
const [role, argument = ''] = process.argv.slice(2)

function say(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

if (role === 'relay') {
  const listen = `/ip4/${argument}/tcp/${PORT}`
  const node = await createNode([listen], { relayServer: true, stunServer: false, portMapping: false })
  say({ ready: `${listen}/p2p/${node.peerId.toString()}` })
} else {
  const node = await createNode([], { portMapping: false })
  const connection = await node.dial(multiaddr(argument))
  const { limits } = connection
  // of its bytes the handshake has taken some
  say({ seconds: limits?.seconds, mebibytes: Math.ceil(Number(limits?.bytes) / 2 ** 20) })
  const stream = await connection.newStream(ECHO, { runOnLimitedConnection: true })
  say({ echoed: await echoed(stream, ECHOED_BYTES) })
}
