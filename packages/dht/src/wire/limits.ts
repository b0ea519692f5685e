/** Bytes of one message: an answer with 20 closer peers and 50 providers, each with 16 addresses of 100 bytes. */
export const MAX_MESSAGE_BYTES = 128 * 1024

/** Peers in one list of a message: go-libp2p answers with 20 and Kubo with up to 50 providers. */
export const MAX_PEERS = 64

/** Addresses of one peer in a message. */
export const MAX_PEER_ADDRESSES = 32
