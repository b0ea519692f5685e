import type { PeerId } from '@libp2p/interface'
import { createTestnet } from '@p2pshare/testkit'
import type { TestNode, Testnet } from '@p2pshare/testkit'
import type { ComponentLogger } from '@libp2p/interface'
import type { LinkComponents } from '../../src/links/components.ts'
import { Links } from '../../src/links/links.ts'
import type { LinkEnd } from '../../src/membership/types.ts'

export const PROTOCOL = '/test/links/1'

/** Links without a machine: what it would be told, and a word on each frame. */
export class BareLinks {
  readonly events: string[] = []
  readonly frames: Uint8Array[] = []
  readonly links: Links
  /** What becomes of a frame. */
  onFrame: (frame: Uint8Array) => void | Promise<void> = (frame) => {
    this.frames.push(frame)
  }
  isExpected = true

  constructor(components: LinkComponents & { logger: ComponentLogger }) {
    this.links = new Links({
      components,
      protocol: PROTOCOL,
      dialMs: 5_000,
      redialMs: 1_000,
      handlers: {
        up: (peer) => this.events.push(`up ${nameOf(peer)}`),
        down: (peer, end: LinkEnd) => this.events.push(`${end} ${nameOf(peer)}`),
        frame: (_, frame) => this.onFrame(frame),
        addresses: () => [],
        isExpected: () => this.isExpected
      },
      now: () => performance.now(),
      log: components.logger.forComponent('test:links')
    })
  }

  async start(): Promise<void> {
    await this.links.start()
  }

  async stop(): Promise<void> {
    await this.links.stop()
  }
}

export function nameOf(peer: PeerId): string {
  return peer.toString().slice(-6)
}

// a type and not an interface: service maps have an index signature
// eslint-disable-next-line @typescript-eslint/consistent-type-definitions
type Services = { links: BareLinks }
export type LinkNet = Testnet<Services>
export type LinkNode = TestNode<Services>

export async function createLinkNet(nodes: number): Promise<LinkNet> {
  return createTestnet<Services>({
    nodes,
    seed: 'links',
    services: () => ({ links: (components: LinkComponents & { logger: ComponentLogger }) => new BareLinks(components) })
  })
}
