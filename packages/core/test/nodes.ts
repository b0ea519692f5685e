import type { GetOptions, TransferEvent } from '@p2pshare/transfer'
import type { CID } from 'multiformats/cid'
import { onTestFinished } from 'vitest'
import { createNode } from '../src/index.ts'
import type { NodeOptions, P2PShareNode } from '../src/index.ts'

/** A real node on loopback, without mDNS so that tests do not meet; stopped when the test is over. */
export async function startNode(options: NodeOptions = {}): Promise<P2PShareNode> {
  const node = await createNode({ listen: ['/ip4/127.0.0.1/tcp/0'], mdns: false, ...options })
  onTestFinished(async () => node.stop())
  return node
}

/** Fetch to the end and return what was said on the way. */
export async function fetchAll(
  node: Pick<P2PShareNode, 'get'>,
  source: string | CID,
  options: GetOptions = {}
): Promise<TransferEvent[]> {
  const events: TransferEvent[] = []
  for await (const event of node.get(source, options)) {
    events.push(event)
  }
  return events
}
