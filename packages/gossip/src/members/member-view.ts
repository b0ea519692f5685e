import type { PeerId } from '@libp2p/interface'
import type { ConnectionManager } from '@libp2p/interface-internal'
import type { Member, MemberMetadata } from '@p2pshare/interface'
import type { Claim, MemberIndex, MembershipMachine } from '../membership/types.ts'
import { decodeMetadata } from '../wire/metadata-codec.ts'
import type { Directory } from './directory.ts'

/** When and how a member came to the state it is in. */
interface News {
  readonly since: number
  readonly hops: number
}

/** What users are told of members: what the machine holds, read, with what was measured. */
export class MemberView {
  readonly #machine: Pick<MembershipMachine, 'record' | 'rtt'>
  readonly #directory: Directory
  readonly #connectionManager: Pick<ConnectionManager, 'getConnections'>
  readonly #news = new Map<MemberIndex, News>()
  readonly #metadata = new WeakMap<Claim, { value: MemberMetadata | undefined }>()

  constructor(
    machine: Pick<MembershipMachine, 'record' | 'rtt'>,
    directory: Directory,
    connectionManager: Pick<ConnectionManager, 'getConnections'>
  ) {
    this.#machine = machine
    this.#directory = directory
    this.#connectionManager = connectionManager
  }

  /** It came to another state just now. */
  changed(member: MemberIndex, hops: number): void {
    this.#news.set(member, { since: Date.now(), hops })
  }

  forget(member: MemberIndex): void {
    this.#news.delete(member)
  }

  /** `undefined`: there is no record of it. */
  of(member: MemberIndex): Member | undefined {
    const id = this.#directory.peer(member)
    const record = this.#machine.record(member)
    if (id === undefined || record === undefined) {
      return undefined
    }
    const { since = Date.now(), hops = 0 } = this.#news.get(member) ?? {}
    const rttMs = this.#rttOf(member, id)
    const metadata = this.#metadataOf(record.claim, id)
    return {
      id,
      state: record.status,
      since,
      incarnation: record.incarnation,
      hops,
      ...(rttMs === undefined ? {} : { rttMs }),
      ...(metadata === undefined ? {} : { metadata })
    }
  }

  #rttOf(member: MemberIndex, id: PeerId): number | undefined {
    const measured = this.#machine.rtt(member)
    if (measured !== undefined) {
      return measured
    }
    const rtts = this.#connectionManager.getConnections(id).flatMap(({ rtt }) => rtt ?? [])
    return rtts.length === 0 ? undefined : Math.min(...rtts)
  }

  #metadataOf(claim: Claim, id: PeerId): MemberMetadata | undefined {
    let decoded = this.#metadata.get(claim)
    if (decoded === undefined) {
      decoded = { value: claim.metadata === undefined ? undefined : decodeMetadata(claim.metadata, id) }
      this.#metadata.set(claim, decoded)
    }
    return decoded.value
  }
}
