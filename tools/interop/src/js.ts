import { generateKeyPair } from '@libp2p/crypto/keys'
import type { PrivateKey } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { tcp as stockTcp } from '@libp2p/tcp'
import { tls as stockTls } from '@libp2p/tls'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { tcp, tls } from '@p2pshare/transport-tcp'
import { createLibp2p } from 'libp2p'
import type { Libp2p } from 'libp2p'
import { exchange, PROTOCOL, serve } from './pattern.ts'
import type { Amounts, Implementation, KeyType, Listening, PeerOptions } from './peers.ts'

const RSA_BITS = 2048

/** `@p2pshare/transport-tcp` on js-libp2p. */
export const ours: Implementation = js('p2pshare', true)

/** js-libp2p as its users run it. */
export const stock: Implementation = js('js-libp2p', false)

function js(name: string, mine: boolean): Implementation {
  const create = async ({ security, keyType }: PeerOptions, listens: boolean): Promise<Libp2p> =>
    createLibp2p({
      privateKey: await newKey(keyType),
      addresses: { listen: listens ? ['/ip4/127.0.0.1/tcp/0'] : [] },
      transports: [mine ? tcp() : stockTcp()],
      connectionEncrypters: [security === 'noise' ? noise() : mine ? tls() : stockTls()],
      streamMuxers: [yamux()]
    })
  return {
    name,
    // js-libp2p has no peer ids for ECDSA keys of its own
    keyTypes: ['ed25519', 'secp256k1', 'rsa'],
    async listen(options): Promise<Listening> {
      const node = await create(options, true)
      await node.handle(PROTOCOL, serve)
      return { address: String(node.getMultiaddrs()[0]), stop: async () => node.stop() }
    },
    async dial(options, address, amounts: Amounts): Promise<string> {
      const node = await create(options, false)
      try {
        const stream = await node.dialProtocol(multiaddr(address), PROTOCOL)
        await exchange(stream, amounts.up, amounts.down)
        const [connection] = node.getConnections()
        return `${connection?.encryption ?? '?'} ${connection?.multiplexer ?? '?'}`
      } finally {
        await node.stop()
      }
    }
  }
}

async function newKey(type: KeyType): Promise<PrivateKey> {
  switch (type) {
    case 'secp256k1':
      return generateKeyPair('secp256k1')
    case 'rsa':
      return generateKeyPair('RSA', RSA_BITS)
    case 'ecdsa':
      return generateKeyPair('ECDSA')
    case 'ed25519':
      return generateKeyPair('Ed25519')
  }
}
