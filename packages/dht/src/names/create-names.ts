import type { KadDHTComponents } from '@libp2p/kad-dht'
import type { Network } from '../network.ts'
import { positionOfKey } from '../rpc/contacts.ts'
import type { DhtContact } from '../rpc/contacts.ts'
import { distanceOf } from '../rules/position.ts'
import { MessageType } from '../wire/messages.ts'
import type { KadMessage, PeerRecord } from '../wire/messages.ts'
import type { PeerId } from '@libp2p/interface'
import { nameToKey, parseName } from './name.ts'
import { NameServer } from './name-server.ts'
import { NameService } from './name-service.ts'
import { namesOver } from './over-network.ts'

/** Answers requests about names; `prefix` is that of its records in the datastore, `answer` is kad-dht's. */
export function createNameServer(
  { datastore, logger, peerId }: Pick<KadDHTComponents, 'datastore' | 'logger' | 'peerId'>,
  prefix: string,
  answer: (sender: PeerId, message: KadMessage) => Promise<KadMessage | undefined>
): NameServer {
  const self = positionOfKey(peerId.toMultihash().bytes)
  const closer = async (bytes: Uint8Array, sender: PeerId): Promise<PeerRecord[]> => {
    const key = Uint8Array.from(bytes)
    const found = await answer(sender, { type: MessageType.FIND_NODE, key, closer: [], providers: [] })
    return found?.closer ?? []
  }
  return new NameServer({
    datastore,
    prefix,
    distance: (name) => distanceOf(positionOfKey(nameToKey(parseName(name))), self),
    closer,
    log: logger.forComponent('p2pshare:dht:names')
  })
}

/** Publishes and resolves names in a network. */
export function createNames(
  components: Pick<KadDHTComponents, 'connectionManager' | 'datastore' | 'logger'>,
  network: Network
): NameService<DhtContact> {
  return new NameService({
    network: namesOver(network, components),
    datastore: components.datastore,
    prefix: `${network.spec.prefix}/known-name`,
    log: components.logger.forComponent('p2pshare:dht:names')
  })
}
