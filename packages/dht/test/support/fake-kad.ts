import { generateKeyPair } from '@libp2p/crypto/keys'
import type { AbortOptions, ContentRouting, PeerDiscovery, PeerId, PeerInfo, PeerRouting } from '@libp2p/interface'
import { EventTypes, MessageType } from '@libp2p/kad-dht'
import type { QueryEvent } from '@libp2p/kad-dht'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import type { CID } from 'multiformats/cid'
import type { Kad } from '../../src/kad.ts'

const path = { index: 0, queued: 0, running: 0, total: 0 }

export async function randomPeer(): Promise<PeerId> {
  return peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
}

export function response(
  from: PeerId,
  messageName: 'ADD_PROVIDER' | 'GET_PROVIDERS',
  providers: PeerInfo[] = []
): QueryEvent {
  const type = MessageType[messageName]
  return {
    from,
    type: EventTypes.PEER_RESPONSE,
    name: 'PEER_RESPONSE',
    messageName,
    messageType: type,
    closer: [],
    providers,
    path
  }
}

export function providerEvent(from: PeerId, providers: PeerInfo[]): QueryEvent {
  return { from, type: EventTypes.PROVIDER, name: 'PROVIDER', providers, path }
}

type Step = QueryEvent | Error | 'hang'

/** A `Kad` that plays prepared events and notes what was asked of it. */
export class FakeKad implements Kad {
  readonly contentRouting = {} as ContentRouting
  readonly peerRouting = {} as PeerRouting
  readonly peerDiscovery = {} as PeerDiscovery
  readonly provided: CID[] = []
  readonly #listeners = new Set<() => void>()
  #size = 0
  provideSteps: () => Step[] = () => []
  findSteps: (call: number) => Step[] = () => []
  finds = 0
  running = 0
  maxRunning = 0

  async *provide(root: CID, options: AbortOptions): AsyncGenerator<QueryEvent> {
    this.provided.push(root)
    this.running++
    this.maxRunning = Math.max(this.maxRunning, this.running)
    try {
      yield* play(this.provideSteps(), options)
    } finally {
      this.running--
    }
  }

  async *findProviders(_root: CID, options: AbortOptions): AsyncGenerator<QueryEvent> {
    yield* play(this.findSteps(this.finds++), options)
  }

  async cancelReprovide(): Promise<void> {}
  async localProviders(): Promise<PeerInfo[]> {
    return []
  }
  async start(): Promise<void> {}
  async stop(): Promise<void> {}

  tableSize(): number {
    return this.#size
  }

  onPeer(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  get listeners(): number {
    return this.#listeners.size
  }

  join(): void {
    this.#size++
    for (const listener of this.#listeners) {
      listener()
    }
  }

  empty(): void {
    this.#size = 0
  }
}

async function* play(steps: Step[], { signal }: AbortOptions): AsyncGenerator<QueryEvent> {
  for (const step of steps) {
    if (step instanceof Error) {
      throw step
    }
    if (step === 'hang') {
      await new Promise((resolve) => signal?.addEventListener('abort', resolve))
      signal?.throwIfAborted()
      continue
    }
    // real events never come in the turn in which they were asked for
    await Promise.resolve()
    signal?.throwIfAborted()
    yield step
  }
}
