/** What `peer.ts` is told, a line of JSON each. It has one node at a time. */
export type PeerOrder =
  /** Make a new node, with a key and ports of its own; `peer.ready` says where it can be met. */
  | { readonly do: 'begin'; readonly bootstrap: readonly string[] }
  /** Make a new relay that listens on these addresses, as `p2pshare-node-server` is one; `peer.ready` as well. */
  | { readonly do: 'relay'; readonly listen: readonly string[] }
  /** Dial another node; `peer.met`, `peer.path`, `peer.punched` and `peer.failed` say what became of it. */
  | { readonly do: 'meet'; readonly id: string; readonly addresses: readonly string[] }
  /** Stop the node; `peer.ended` says that nothing is left of it. */
  | { readonly do: 'end' }

/** A line of JSON as an order; undefined: it is none. Who writes it is this tool, so its fields are believed. */
export function peerOrder(text: string): PeerOrder | undefined {
  try {
    const order: unknown = JSON.parse(text)
    return typeof order === 'object' && order !== null && 'do' in order ? (order as PeerOrder) : undefined
  } catch {
    return undefined
  }
}
