import type { Codec } from './codec.ts'
import { DHT_CODECS } from './codecs/dht.ts'
import { GOSSIP_CODECS } from './codecs/gossip.ts'
import { NAT_CODECS } from './codecs/nat.ts'
import { TRANSFER_CODECS } from './codecs/transfer.ts'
import { TRANSPORT_CODECS } from './codecs/transports.ts'

/** Every codec of every package that reads what others wrote. */
export const CODECS: readonly Codec[] = [
  ...TRANSFER_CODECS,
  ...DHT_CODECS,
  ...GOSSIP_CODECS,
  ...NAT_CODECS,
  ...TRANSPORT_CODECS
]
