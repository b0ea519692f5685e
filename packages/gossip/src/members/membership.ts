import type { Libp2pEvents, Logger, PeerId, PrivateKey, TypedEventTarget } from '@libp2p/interface'
import type { AddressManager } from '@libp2p/interface-internal'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Member } from '@p2pshare/interface'
import type { Datastore } from 'interface-datastore'
import type { LinkComponents } from '../links/components.ts'
import { Links } from '../links/links.ts'
import { MAX_LINKS_AT_ALL, MAX_MEMBERS } from '../membership/bounds.ts'
import { createMachine } from '../membership/machine.ts'
import { PROFILES } from '../membership/profile.ts'
import type { ProfileName } from '../membership/profile.ts'
import { Roster } from '../membership/roster.ts'
import type {
  Claim,
  MachineStats,
  MemberChange,
  MemberChangeType,
  MemberIndex,
  MembershipEffects,
  MembershipMachine,
  MembershipMessage,
  UnsignedClaim
} from '../membership/types.ts'
import { decodeClaim } from '../wire/claim-codec.ts'
import { encodeMessage } from '../wire/frame-codec.ts'
import { decodeMetadata } from '../wire/metadata-codec.ts'
import { Directory, bytesOf } from './directory.ts'
import { Intake } from './intake.ts'
import { listening } from './listening.ts'
import { MachineLoop } from './machine-loop.ts'
import { MemberView } from './member-view.ts'
import { OwnMetadataSource } from './own-metadata.ts'
import type { OwnMetadata } from './own-metadata.ts'
import { Signatures } from './signatures.ts'
import type { SignedWire } from './signatures.ts'
import { SnapshotStore } from './snapshot.ts'
import { CONTACTS_MS, DIAL_MS, REDIAL_MS, SNAPSHOT_MS, membershipProtocol } from './constants.ts'

/** What membership needs from the node that hosts it. */
export interface MembershipComponents extends LinkComponents {
  privateKey: PrivateKey
  addressManager: Pick<AddressManager, 'getAddresses' | 'getListenAddrs'>
  datastore: Pick<Datastore, 'get' | 'put'>
  events: TypedEventTarget<Libp2pEvents>
}

/** What a `Membership` works with. */
export interface MembershipInit {
  readonly components: MembershipComponents
  readonly profile: ProfileName
  readonly network: string
  readonly metadata: OwnMetadata
  readonly log: Logger
  readonly onChange: (type: MemberChangeType, member: Member) => void
}

/** The membership machine in a libp2p node: links, signatures, a clock and a memory around it. */
export class Membership {
  readonly #init: MembershipInit
  readonly #directory: Directory
  readonly #signatures: Signatures
  readonly #links: Links
  readonly #machine: MembershipMachine
  readonly #loop: MachineLoop
  readonly #intake: Intake
  readonly #own: OwnMetadataSource
  readonly #store: SnapshotStore
  readonly #view: MemberView
  readonly #changes: MemberChange[] = []
  readonly #contacts = new Map<string, Uint8Array>()
  readonly #frames = new WeakMap<MembershipMessage, Uint8Array>()
  readonly #pauses = new Set<ReturnType<typeof setTimeout>>()
  readonly #ready = Promise.withResolvers<undefined>()
  readonly #left = Promise.withResolvers<undefined>()
  #saveTimer: ReturnType<typeof setTimeout> | undefined
  #savedIncarnation = 0
  #joinedAt = Infinity
  #isReady = false
  #isStopped = false

  constructor(init: MembershipInit) {
    this.#init = init
    const { components, network, profile, log } = init
    const roster = new Roster({ capacity: MAX_MEMBERS + MAX_LINKS_AT_ALL + 1 })
    this.#directory = new Directory(roster, network)
    this.#signatures = new Signatures(components.privateKey, components.peerId, network)
    this.#store = new SnapshotStore(components.datastore, network, log)
    this.#links = new Links({
      components,
      protocol: membershipProtocol(network),
      dialMs: DIAL_MS[profile],
      redialMs: REDIAL_MS[profile],
      handlers: {
        up: (peer) => this.#onUp(peer),
        down: (peer, end) => this.#onLink(peer, (machine, member, now) => machine.linkDown(member, end, now)),
        frame: (peer, frame) => this.#onFrame(peer, frame),
        addresses: (peer) => this.#addressesOf(peer),
        isExpected: (peer) => this.#isExpected(peer)
      },
      now: this.#now,
      log
    })
    // the roster is empty: there is room
    const self = this.#directory.add(components.peerId) ?? 0
    this.#machine = createMachine({
      self,
      roster,
      profile: PROFILES[profile],
      effects: this.#effects(),
      random: Math.random
    })
    this.#view = new MemberView(this.#machine, this.#directory, components.connectionManager)
    this.#loop = new MachineLoop({
      machine: this.#machine,
      now: this.#now,
      onSettled: () => this.#settle(),
      onError: (error) => log.error('the membership machine failed - %e', error)
    })
    this.#intake = new Intake({
      directory: this.#directory,
      signatures: this.#signatures,
      machine: this.#machine,
      meterOf: (peer) => this.#links.meterOf(peer),
      now: this.#now,
      pause: async (ms) => this.#pause(ms),
      deliver: (from, message) => this.#onLink(from, (machine, member, now) => machine.receive(member, message, now))
    })
    this.#own = new OwnMetadataSource(
      {
        self: components.peerId,
        addressManager: components.addressManager,
        events: components.events,
        onChange: (bytes) => this.#loop.call((machine, now) => machine.setMetadata(bytes, now))
      },
      init.metadata
    )
  }

  /** Peers may come from here on; what they say waits for `join`. */
  async start(): Promise<void> {
    await this.#links.start()
  }

  /** This node's addresses are known now. Resolves when it is a member; finding others goes on. */
  async join(): Promise<void> {
    const stored = await this.#store.load()
    const incarnation = Math.max(stored.incarnation + 1, Date.now())
    // before anybody hears of it: a crash must not give it twice
    await this.#store.save({ incarnation, claims: stored.claims })
    this.#savedIncarnation = incarnation
    await listening(this.#init.components)
    if (this.#isStopped) {
      return
    }
    const contacts = stored.claims.flatMap((wire) => this.#toContact(wire))
    this.#isReady = true
    this.#joinedAt = this.#now()
    this.#loop.call((machine, now) => machine.start(now, { incarnation, metadata: this.#own.start(), contacts }))
    this.#ready.resolve(undefined)
  }

  /** Say goodbye. Resolves when enough have heard it, or the time is over. */
  async leave(timeoutMs: number): Promise<void> {
    if (!this.#isReady || timeoutMs === 0 || this.#links.size === 0) {
      return
    }
    this.#loop.call((machine, now) => machine.leave(now))
    const timer = setTimeout(this.#left.resolve, timeoutMs, undefined)
    await this.#left.promise
    clearTimeout(timer)
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    const claims = this.#isReady ? this.#machine.snapshot() : []
    this.#loop.stop()
    this.#own.stop()
    this.#left.resolve(undefined)
    clearTimeout(this.#saveTimer)
    for (const timer of this.#pauses) {
      clearTimeout(timer)
    }
    await this.#links.stop()
    if (this.#isReady) {
      this.#isReady = false
      await this.#save(claims)
    }
  }

  members(): Member[] {
    return [...this.#machine.members()].flatMap((member) => this.#view.of(member) ?? [])
  }

  member(peer: PeerId): Member | undefined {
    const member = this.#directory.indexOf(bytesOf(peer))
    return member === undefined ? undefined : this.#view.of(member)
  }

  setMetadata(changes: OwnMetadata): void {
    this.#own.set(changes)
  }

  get incarnation(): number {
    return this.#machine.incarnation
  }

  stats(): MachineStats {
    return this.#machine.stats()
  }

  #effects(): MembershipEffects {
    const at = (member: MemberIndex, run: (peer: PeerId) => void): void => {
      const peer = this.#directory.peer(member)
      if (peer !== undefined) {
        run(peer)
      }
    }
    return {
      send: (to, message) => at(to, (peer) => this.#links.send(peer, this.#toFrame(message))),
      link: (to) => at(to, (peer) => this.#links.open(peer)),
      unlink: (to) => at(to, (peer) => this.#links.close(peer)),
      sign: (claim) => this.#sign(claim),
      notify: (change) => this.#changes.push(change),
      forget: (member) => this.#forget(member)
    }
  }

  #forget(member: MemberIndex): void {
    this.#view.forget(member)
    this.#directory.remove(member)
  }

  /** Who was only heard of: strangers that the machine did not take, and members of a snapshot that nobody knows now. */
  #sweep(): void {
    const areContactsTried = this.#now() > this.#joinedAt + CONTACTS_MS
    if (areContactsTried) {
      this.#contacts.clear()
    }
    for (const [member, peer] of [...this.#directory.entries()]) {
      if (member !== this.#machine.self && !this.#machine.holds(member) && !this.#contacts.has(peer.toString())) {
        this.#forget(member)
      }
    }
  }

  /** One message often goes to many. */
  #toFrame(message: MembershipMessage): Uint8Array {
    const frame = this.#frames.get(message) ?? encodeMessage(message)
    this.#frames.set(message, frame)
    return frame
  }

  #sign(unsigned: UnsignedClaim): Claim | undefined {
    const subject = this.#directory.peer(unsigned.subject)
    if (subject === undefined) {
      return undefined
    }
    const { kind, incarnation, evidence, metadata } = unsigned
    const signed = this.#signatures.sign({
      kind,
      subject: bytesOf(subject),
      incarnation,
      ...(kind === 'suspect' ? { accuser: bytesOf(this.#init.components.peerId), evidence: evidence ?? 'silent' } : {}),
      ...(kind === 'alive' && metadata !== undefined ? { metadata } : {})
    })
    const toClaim = ({ wire, id }: SignedWire): Claim => ({
      ...unsigned,
      signer: this.#machine.self,
      id,
      bytes: wire.byteLength,
      wire
    })
    if (signed instanceof Promise) {
      signed.then(
        (wire) => this.#loop.call((machine, now) => machine.signed(toClaim(wire), now)),
        (error: unknown) => this.#init.log.error('a claim could not be signed - %e', error)
      )
      return undefined
    }
    return toClaim(signed)
  }

  #onUp(peer: PeerId): void {
    if (this.#directory.add(peer) === undefined) {
      this.#init.log('no room for %p', peer)
      this.#links.close(peer)
      return
    }
    this.#onLink(peer, (machine, member, now) => machine.linkUp(member, now))
  }

  /** In order, also before the machine runs: `join` comes first, then what waits. */
  #onLink(peer: PeerId, run: (machine: MembershipMachine, member: MemberIndex, now: number) => void): void {
    const call = (): void =>
      this.#loop.call((machine, now) => {
        const member = this.#directory.indexOf(bytesOf(peer))
        if (member !== undefined) {
          run(machine, member, now)
        }
      })
    if (this.#isReady) {
      call()
    } else {
      void this.#ready.promise.then(call)
    }
  }

  #onFrame(peer: PeerId, frame: Uint8Array): void | Promise<void> {
    return this.#isReady
      ? this.#intake.take(peer, frame)
      : this.#ready.promise.then(() => this.#intake.take(peer, frame))
  }

  #isExpected(peer: PeerId): boolean {
    const member = this.#directory.indexOf(bytesOf(peer))
    const status = member === undefined ? undefined : this.#machine.record(member)?.status
    return status === 'alive' || status === 'suspect'
  }

  /** Not believed: a peer to ask, and where it was. */
  #toContact(wire: Uint8Array): Claim[] {
    try {
      const decoded = decodeClaim(wire)
      const claim = decoded.kind === 'alive' ? this.#intake.toClaim({ decoded, wire }) : undefined
      const peer = claim === undefined ? undefined : this.#directory.peer(claim.subject)
      if (claim === undefined || peer === undefined || claim.subject === this.#machine.self) {
        return []
      }
      this.#contacts.set(peer.toString(), claim.metadata ?? new Uint8Array())
      return [claim]
    } catch (error) {
      this.#init.log('a claim of the snapshot is wrong - %e', error)
      return []
    }
  }

  #addressesOf(peer: PeerId): readonly Multiaddr[] {
    const known = this.member(peer)?.metadata
    const contact = this.#contacts.get(peer.toString())
    return known?.addresses ?? (contact === undefined ? [] : (decodeMetadata(contact, peer)?.addresses ?? []))
  }

  /** After each call into the machine: those who listen may ask what they like. */
  #settle(): void {
    for (let change = this.#changes.shift(); change !== undefined; change = this.#changes.shift()) {
      const { type, member, hops } = change
      if (member === this.#machine.self) {
        this.#left.resolve(undefined)
        continue
      }
      if (type !== 'update') {
        this.#view.changed(member, hops)
      }
      const told = this.#view.of(member)
      if (told !== undefined) {
        this.#init.onChange(type, type === 'update' ? { ...told, hops } : told)
      }
      this.#saveSoon()
    }
    if (this.#machine.incarnation > this.#savedIncarnation) {
      this.#saveSoon()
    }
  }

  #saveSoon(): void {
    if (this.#isReady) {
      this.#saveTimer ??= setTimeout(() => {
        this.#saveTimer = undefined
        void this.#save(this.#machine.snapshot())
      }, SNAPSHOT_MS)
    }
  }

  async #save(claims: readonly Claim[]): Promise<void> {
    if (!this.#isStopped) {
      this.#sweep()
    }
    const { incarnation } = this.#machine
    this.#savedIncarnation = incarnation
    await this.#store.save({ incarnation, claims: claims.map(({ wire }) => wire) })
  }

  readonly #now = (): number => performance.now()

  async #pause(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => {
        this.#pauses.delete(timer)
        resolve()
      }, ms)
      this.#pauses.add(timer)
    })
  }
}
