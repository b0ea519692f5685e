/** Peers that can be remembered at most: an entry is under a kibibyte, so the list stays under 4 MiB. */
export const MAX_PEERS = 4096
