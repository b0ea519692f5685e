import type { PeerId } from '@libp2p/interface'
import { asError } from '../as-error.ts'
import type { Offence } from '../bans/ban.ts'
import type { Session } from '../session/session.ts'
import type { PeerKey } from '../swarm/effects.ts'
import type { Waste } from '../traffic.ts'
import type { Run } from '../wire/codec.ts'
import type { FrameBody, FrameHeader } from '../wire/frame.ts'
import type { LeafWorkers } from '../worker/leaf-workers.ts'
import { heldIndex } from './content.ts'
import { EarlyMessages } from './early-messages.ts'
import type { Holdings } from './holdings.ts'
import { Intake } from './intake.ts'
import { LeafAssemblies } from './leaf-assembly.ts'
import type { LeafAssembly } from './leaf-assembly.ts'
import type { SwarmMember } from './member.ts'
import type { NodeExchange } from './node-exchange.ts'
import { OwedBlocks } from './owed-blocks.ts'
import type { PolicyDriver } from './policy-driver.ts'
import type { ReceiveBuffers } from './receive-buffers.ts'
import { Receiver } from './receiver.ts'
import type { SwarmEvents } from './swarm-events.ts'

export interface IncomingInit {
  readonly holdings: Holdings
  readonly events: SwarmEvents
  readonly buffers: ReceiveBuffers
  readonly workers: Pick<LeafWorkers, 'digest' | 'verifyAndWrite'>
  /** What decides, once the map is known. */
  driver(): PolicyDriver | undefined
  /** What fetches inner nodes, as long as some are missing. */
  exchange(): NodeExchange | undefined
  /** The peer alone sent what is wrong; it may have left since. */
  blame(peer: PeerId, offence: Offence): void
  /** One leaf more is here. */
  stored(): void
}

/** What arrives from the peers of one share: frames become leaves and inner nodes, leaves are checked and stored. */
export class Incoming {
  readonly #init: IncomingInit
  readonly #intake: Intake
  readonly #assemblies = new LeafAssemblies()

  constructor(init: IncomingInit) {
    const { workers, events } = init
    this.#init = init
    this.#intake = new Intake({
      workers,
      alive: () => {
        events.alive()
      }
    })
  }

  /** Leaves that are being checked and stored. */
  get pending(): number {
    return this.#intake.pending
  }

  /** A peer whose frames are taken from now on. */
  member(session: Session): SwarmMember {
    const { buffers, events } = this.#init
    const owed = new OwedBlocks()
    const receiver = new Receiver({
      peer: session.peer,
      owed,
      buffers,
      assemblies: this.#assemblies,
      expects: (run) => this.#expects(session.key, run),
      arrived: (run) => {
        const driver = this.#init.driver()
        driver?.act(driver.policy.onBlocks(session.key, run, performance.now()))
      },
      expectsNode: (request, ordinal) => this.#init.exchange()?.expects(session.key, request, ordinal) ?? false,
      node: (request, ordinal, block) => {
        this.#onNode(session, request, ordinal, block)
      },
      wasNodeAsked: (request) => this.#init.exchange()?.hasAsked(request) === true,
      received: (bytes, waste) => {
        member.received += bytes
        events.received(bytes, session.peer, waste)
      }
    })
    const early = new EarlyMessages()
    const member: SwarmMember = { session, receiver, owed, early, received: 0, knowsMap: false, wantsNothing: false }
    return member
  }

  /** A frame of data may name any twin of a leaf. */
  open(member: SwarmMember, header: FrameHeader, wake: () => void): FrameBody | undefined {
    const map = this.#init.holdings.content?.map
    const named = header.kind === 'data' && map !== undefined && header.leaf < map.leafCount
    return member.receiver.open(named ? { ...header, leaf: map.canonical(header.leaf) } : header, wake)
  }

  /** What came of the leaf will not be completed. */
  forget(leaf: number): void {
    this.#assemblies.forget(leaf)
  }

  close(): void {
    this.#assemblies.close()
  }

  /** Every block of a leaf is here: check and store it. */
  verify(leaf: number): void {
    const { holdings, events } = this.#init
    const { content } = holdings
    const driver = this.#init.driver()
    const assembly = this.#assemblies.take(leaf)
    if (content === undefined || driver === undefined || assembly === undefined) {
      return
    }
    const { bytes, release } = assembly.handOn()
    this.#intake
      .take(content, { leaf, bytes, right: () => undefined, release })
      .then((places) => {
        if (places === undefined) {
          this.#onWrong(driver, leaf, assembly)
        } else if (heldIndex(content, leaf) !== undefined && driver.policy.isMissing(leaf)) {
          events.stored(places * bytes.byteLength, bytes.byteLength, assembly.parts.values())
          holdings.add(leaf)
          driver.act(driver.policy.onStored(leaf, performance.now()))
          this.#init.stored()
        } else {
          this.#tellWasted(assembly, 'duplicate')
        }
      })
      .catch((error: unknown) => {
        events.failed(asError(error))
      })
  }

  /** Who sent all of it is to blame; of several, nobody knows which. */
  #onWrong(driver: PolicyDriver, leaf: number, assembly: LeafAssembly): void {
    this.#tellWasted(assembly, 'corrupt')
    const [sender, ...others] = assembly.parts.values()
    if (sender !== undefined && others.length === 0) {
      this.#init.blame(sender.peer, 'wrong-bytes')
    }
    driver.act(driver.policy.onWrong(leaf, performance.now(), [...assembly.parts.keys()]))
  }

  #onNode({ key, peer }: Session, request: number, ordinal: number, block: Uint8Array): void {
    const { events } = this.#init
    const outcome = this.#init.exchange()?.onNode(key, request, ordinal, block) ?? 'duplicate'
    if (outcome === 'useful') {
      events.node(block.byteLength, peer)
      return
    }
    events.wasted(block.byteLength, peer, outcome)
    if (outcome === 'corrupt') {
      this.#init.blame(peer, 'wrong-bytes')
    }
  }

  #expects(peer: PeerKey, { leaf, first, count }: Run): number | undefined {
    const policy = this.#init.driver()?.policy
    for (let block = first; block < first + count; block++) {
      if (policy?.takes(leaf, block, peer) === true) {
        return this.#init.holdings.content?.map.leafBytes(leaf)
      }
    }
    return undefined
  }

  #tellWasted({ parts }: LeafAssembly, waste: Waste): void {
    for (const { peer, bytes } of parts.values()) {
      this.#init.events.wasted(bytes, peer, waste)
    }
  }
}
