import { generateKeyPair } from '@libp2p/crypto/keys'
import type { PeerId } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { expect, test } from 'vitest'
import { openCircuit } from '../../src/dial/open-circuit.ts'
import type { Held } from '../../src/dial/open-circuit.ts'

const [RELAY, OTHER, PEER] = await Promise.all([newPeer(), newPeer(), newPeer()])
const AT = '/ip4/192.0.2.1/tcp/4001'
const WANTED = multiaddr(`/ip4/192.0.2.2/tcp/4001/p2p/${String(RELAY)}/p2p-circuit/p2p/${String(PEER)}`)

async function newPeer(): Promise<PeerId> {
  return peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
}

function circuit(through: PeerId, to: PeerId, more: Partial<Held> = {}): Held {
  return {
    remotePeer: to,
    remoteAddr: multiaddr(`${AT}/p2p/${String(through)}/p2p-circuit/p2p/${String(to)}`),
    limits: {},
    status: 'open',
    direction: 'inbound',
    timeline: { open: 1000 },
    ...more
  }
}

function direct(to: PeerId, more: Partial<Held> = {}): Held {
  return {
    remotePeer: to,
    remoteAddr: multiaddr(`${AT}/p2p/${String(to)}`),
    status: 'open',
    direction: 'outbound',
    timeline: { open: 500 },
    ...more
  }
}

test('an open circuit through the same relay is found, whichever address of the relay it leads through', () => {
  const wanted = circuit(RELAY, PEER)
  expect(openCircuit(WANTED, [direct(RELAY), direct(PEER), circuit(RELAY, OTHER), wanted])).toBe(wanted)
})

test.each([
  ['through another relay', [circuit(OTHER, PEER)]],
  ['to another peer', [circuit(RELAY, OTHER)]],
  ['that closes', [circuit(RELAY, PEER, { status: 'closing' })]],
  ['older than what was opened to the relay since', [circuit(RELAY, PEER), direct(RELAY, { timeline: { open: 1001 } })]]
])('a circuit %s is none', (_, connections) => {
  expect(openCircuit(WANTED, connections)).toBeUndefined()
})

test('what the relay opened since, as it does to dial back, and what is closed again say nothing', () => {
  const wanted = circuit(RELAY, PEER)
  const since = { timeline: { open: 2000 } }
  const from = multiaddr(`/ip4/192.0.2.1/tcp/50000/p2p/${String(RELAY)}`)
  const others = [
    direct(RELAY, { ...since, direction: 'inbound', remoteAddr: from }),
    direct(RELAY, { ...since, status: 'closed' })
  ]
  expect(openCircuit(WANTED, [...others, wanted])).toBe(wanted)
})

test.each(['', '/p2p-circuit', `/p2p/${String(PEER)}`, `/p2p/${String(RELAY)}/p2p-circuit/webrtc/p2p/${String(PEER)}`])(
  'an address that does not lead over a circuit alone is none: %s',
  (rest) => {
    const connections = [circuit(RELAY, PEER), direct(PEER)]
    expect(openCircuit(multiaddr(`${AT}${rest}`), connections)).toBeUndefined()
  }
)
