import { createMachine, PROFILES, ringPositions, Roster } from '@p2pshare/gossip/membership'
import type {
  Claim,
  LinkEnd,
  MemberChange,
  MembershipEffects,
  MembershipMachine,
  MembershipMessage,
  MembershipProfile,
  UnsignedClaim
} from '@p2pshare/gossip/membership'
import { MembershipSimulation } from '@p2pshare/testkit/sim'
import type { MemberBrain, MemberInit, NetworkModel, Random } from '@p2pshare/testkit/sim'
import { ClaimMaker, METADATA_BYTES, TrafficMeter } from './gossip-claims.ts'

export interface ClusterInit {
  readonly seed: number
  readonly members: number
  readonly spare?: number
  readonly model: (capacity: number, random: Random) => NetworkModel
  /** @default the shipped `wan` */
  readonly profile?: MembershipProfile
  /** What it takes to check a signature, where processors are modelled. @default 0 */
  readonly signatureMs?: number
}

/** A simulated cluster of shipped machines. */
export interface Cluster {
  readonly simulation: MembershipSimulation<MembershipMessage>
  readonly meter: TrafficMeter
  readonly claims: ClaimMaker
  /** By member: its machine in its latest life. */
  readonly machines: readonly MembershipMachine[]
  /** By member: passes on what its machine wants sent, unless somebody puts a lie in between. */
  readonly wires: readonly ShippedEffects[]
}

const encoder = new TextEncoder()

export function shippedCluster({
  seed,
  members,
  spare = 0,
  model,
  profile = PROFILES.wan,
  signatureMs = 0
}: ClusterInit): Cluster {
  const capacity = members + spare
  const roster = new Roster({ capacity })
  const keys = Array.from({ length: capacity }, (_, member) => `${seed}/${member}`)
  for (const key of keys) {
    roster.add(key, ringPositions('simulation', encoder.encode(key)))
  }
  const meter = new TrafficMeter()
  const claims = new ClaimMaker()
  const machines: MembershipMachine[] = []
  const wires: ShippedEffects[] = []
  const metadata = new Uint8Array(METADATA_BYTES)
  let known: readonly Claim[] | undefined
  const simulation = new MembershipSimulation<MembershipMessage>({
    seed,
    members,
    spare,
    model,
    make: (init) => {
      const { port, random, now, incarnation, knows } = init
      const effects = new ShippedEffects(init, meter, claims)
      const machine = createMachine({ self: port.self, roster, profile, effects, random })
      effects.machine = machine
      machines[port.self] = machine
      wires[port.self] = effects
      if (knows.length > 0) {
        known ??= knows.map((subject) => claims.sign(subject, { kind: 'alive', subject, incarnation, metadata }))
        machine.start(now, { incarnation, metadata, members: known })
      } else {
        machine.start(now, { incarnation, metadata })
      }
      return signatureMs === 0 ? machine : new CheckingBrain(machine, (ms) => port.work(ms), signatureMs)
    }
  })
  return { simulation, meter, claims, machines, wires }
}

/** A machine whose node checks the signatures of what is news, as `Intake` of `@p2pshare/gossip` does. */
class CheckingBrain implements MemberBrain<MembershipMessage> {
  readonly #machine: MembershipMachine
  readonly #work: (ms: number) => void
  readonly #signatureMs: number

  constructor(machine: MembershipMachine, work: (ms: number) => void, signatureMs: number) {
    this.#machine = machine
    this.#work = work
    this.#signatureMs = signatureMs
  }

  get wakeAt(): number {
    return this.#machine.wakeAt
  }

  tick(now: number): void {
    this.#machine.tick(now)
  }

  receive(from: number, message: MembershipMessage, now: number): void {
    for (const claim of 'claims' in message ? message.claims : []) {
      this.#work(this.#machine.isNews(claim, from, now) ? this.#signatureMs : 0)
    }
    this.#machine.receive(from, message, now)
  }

  linkUp(peer: number, now: number): void {
    this.#machine.linkUp(peer, now)
  }

  linkDown(peer: number, end: LinkEnd, now: number): void {
    this.#machine.linkDown(peer, end, now)
  }

  leave(now: number): void {
    this.#machine.leave(now)
  }
}

/** What a machine may do in the simulation. */
export class ShippedEffects implements MembershipEffects {
  machine: MembershipMachine | undefined
  /** What of a message really goes out; for members that lie. */
  filter: ((message: MembershipMessage) => MembershipMessage | undefined) | undefined
  readonly #init: MemberInit<MembershipMessage>
  readonly #meter: TrafficMeter
  readonly #claims: ClaimMaker

  constructor(init: MemberInit<MembershipMessage>, meter: TrafficMeter, claims: ClaimMaker) {
    this.#init = init
    this.#meter = meter
    this.#claims = claims
  }

  send(to: number, message: MembershipMessage): void {
    const sent = this.filter === undefined ? message : this.filter(message)
    if (sent !== undefined) {
      this.#init.port.send(to, sent, this.#meter.weigh(sent))
    }
  }

  link(to: number): void {
    this.#init.port.link(to)
  }

  unlink(to: number): void {
    this.#init.port.unlink(to)
  }

  sign(claim: UnsignedClaim): Claim {
    return this.#claims.sign(this.#init.port.self, claim)
  }

  notify(change: MemberChange): void {
    // only verdicts and suspicions are counted by incarnation
    const counts = change.type === 'dead' || change.type === 'suspect'
    this.#init.notify(change, counts ? (this.machine?.record(change.member)?.incarnation ?? 0) : 0)
  }
}
