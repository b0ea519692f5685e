import { seededRandom } from '../random.ts'
import type { Random } from '../random.ts'
import { fluidBoundMs } from './fluid-bound.ts'
import { SimNetwork } from './network.ts'
import type { Brain } from './network.ts'
import { equalLeaves } from './swarm-node.ts'
import type { SwarmNodeInit, SwarmProgress } from './swarm-node.ts'

const MIB = 1024 * 1024

/** What a seeder that leaves has sent is still in downlinks for so long. */
const SEEDER_LINGERS_MS = 200

/** A value, or how to find the one of each node (or pair); `random` is the run's own. */
export type Each = number | ((ordinal: number, random: Random) => number)

/** A swarm and what happens to it. Rates are bytes a second, times milliseconds. */
export interface SwarmScenario {
  readonly leechers: number
  /** @default 1 */
  readonly seeders?: number
  /** @default 64 MiB */
  readonly totalBytes?: number
  /** @default 256 KiB */
  readonly leafBytes?: number
  /** @default 4 MiB/s */
  readonly seederUp?: Each
  /** `0`: a free rider. @default 4 MiB/s */
  readonly up?: Each
  /** @default Infinity */
  readonly down?: Each
  /** Of each pair. @default 20 */
  readonly rttMs?: Each
  /** Most that a control message is late. @default 0 */
  readonly jitterMs?: number
  /** When each leecher comes. @default within the first 20 ms */
  readonly joinMs?: (ordinal: number, random: Random) => number
  /** When each leecher goes, with what it has. @default never */
  readonly leaveMs?: (ordinal: number, random: Random) => number
  /** It goes without a word: nobody is told. @default none */
  readonly vanishes?: (ordinal: number) => boolean
  /** Leechers go as soon as they have everything. @default false */
  readonly leaveWhenDone?: boolean
  /** The one seeder leaves when its uplink has sent so many copies. @default never */
  readonly seederCopies?: number
  /** Whether nodes know how fast their uplinks are. @default true */
  readonly knowsUplink?: boolean
  /** Whether nodes know their round trips. @default true */
  readonly knowsRtt?: boolean
  /** @default 1 */
  readonly storeMs?: number
  /** Most blocks of 16 KiB that are sent as one. @default 128, and what the policy says */
  readonly frameBlocks?: number
  /** When a run is given up. @default 600_000 */
  readonly limitMs?: number
}

export interface SwarmResult {
  /** Time of the last leecher that stays / `boundMs`; `Infinity` when one never had everything. */
  readonly ratio: number
  readonly lastMs: number
  readonly boundMs: number
  /** When each leecher had everything. */
  readonly doneMs: ReadonlyArray<number | undefined>
  /** Bytes a second of each leecher's uplink. */
  readonly up: readonly number[]
  /** Received and not asked for any more, of all that was received. */
  readonly wastedShare: number
  /** Control messages for each leaf and leecher. */
  readonly messagesPerLeaf: number
  /** Copies that each seeder's uplink sent. */
  readonly seederCopies: readonly number[]
  /** Share of leaves held by the leechers that stay. */
  readonly heldShare: number
  /** Fingerprint of every event. */
  readonly digest: string
}

/** A brain, and how far it is. */
export type SwarmBrain<Message, Block> = Brain<Message, Block> & SwarmProgress

interface Leecher<Message, Block> {
  readonly brain: SwarmBrain<Message, Block>
  readonly node: number
  readonly up: number
  readonly down: number
  readonly joinsAt: number
  readonly leavesAt: number
  doneAt: number | undefined
}

/**
 * Run one swarm in virtual time. The same scenario, seed and brains give the same run; `digest` says so.
 *
 * @example
 * const result = simulateSwarm({ leechers: 8 }, 1, (node) => new PolicyBrain(node, policyFor(node)))
 */
export function simulateSwarm<Message, Block>(
  scenario: SwarmScenario,
  seed: string | number,
  makeBrain: (node: SwarmNodeInit<Message, Block>) => SwarmBrain<Message, Block>
): SwarmResult {
  const { seeders = 1, leechers: count, totalBytes = 64 * MIB, leafBytes = 256 * 1024, rttMs = 20 } = scenario
  const random = seededRandom(seed)
  const [links, times, pairs] = [random.fork('links'), random.fork('times'), random.fork('pairs')]
  const share = equalLeaves(totalBytes, leafBytes)
  const network = new SimNetwork<Message, Block>({
    random: random.fork('jitter'),
    rttMs: (a, b) => valueOf(rttMs, a * 65536 + b, pairs),
    jitterMs: scenario.jitterMs ?? 0
  })
  const present: number[] = []
  const add = (seeder: boolean, ordinal: number, up: number, down: number): SwarmBrainAt<Message, Block> => {
    const draws = random.fork(`node ${seeder ? 's' : 'l'}${ordinal}`)
    const brain = makeBrain({
      network,
      share,
      seeder,
      ordinal,
      seeders,
      upBytesPerSecond: up,
      knowsUplink: scenario.knowsUplink ?? true,
      knowsRtt: scenario.knowsRtt ?? true,
      storeMs: scenario.storeMs ?? 1,
      frameBlocks: scenario.frameBlocks ?? 128,
      random: () => draws.float()
    })
    const node = network.add({ upBytesPerSecond: up, downBytesPerSecond: down }, brain)
    brain.place(node)
    return { brain, node }
  }
  const enter = (node: number): void => {
    for (const other of present) {
      if (network.isAlive(other)) {
        network.connect(other, node)
      }
    }
    present.push(node)
  }
  const leave = (node: number, silently = false): void => {
    if (silently) {
      network.vanish(node)
    } else {
      network.leave(node)
    }
  }
  const seederUps = Array.from({ length: seeders }, (_, at) => valueOf(scenario.seederUp ?? 4 * MIB, at, links))
  const seederNodes = seederUps.map((up, at) => add(true, at, up, Infinity).node)
  const leechers = Array.from({ length: count }, (_, at): Leecher<Message, Block> => {
    const up = valueOf(scenario.up ?? 4 * MIB, at, links)
    const down = valueOf(scenario.down ?? Infinity, at, links)
    const joinsAt = scenario.joinMs?.(at, times) ?? times.float() * 20
    const leavesAt = scenario.leaveMs?.(at, times) ?? Infinity
    return { ...add(false, at, up, down), up, down, joinsAt, leavesAt, doneAt: undefined }
  })
  for (const node of seederNodes) {
    enter(node)
  }
  leechers.forEach(({ node, joinsAt, leavesAt }, at) => {
    network.after(joinsAt, () => {
      enter(node)
    })
    if (leavesAt < Infinity) {
      network.after(leavesAt, () => {
        leave(node, scenario.vanishes?.(at) ?? false)
      })
    }
  })
  const [seeder = 0] = seederNodes
  const copies = scenario.seederCopies
  let seederLeft = false
  const checkSeeder = (): void => {
    if (copies !== undefined && !seederLeft && network.sentBytes(seeder) >= copies * totalBytes) {
      // what has left its uplink arrives; nothing else of it does
      network.stopUplink(seeder)
      seederLeft = true
      network.after(SEEDER_LINGERS_MS, () => {
        leave(seeder)
      })
    }
  }
  let waiting = leechers.filter(({ leavesAt }) => leavesAt === Infinity)
  const done = (): boolean => {
    checkSeeder()
    const finished = waiting.filter(({ brain, node }) => brain.missing === 0 && network.isAlive(node))
    for (const leecher of finished) {
      leecher.doneAt = network.now
      if (scenario.leaveWhenDone === true) {
        leave(leecher.node)
      }
    }
    waiting = finished.length === 0 ? waiting : waiting.filter(({ doneAt }) => doneAt === undefined)
    return waiting.length === 0
  }
  network.run(done, scenario.limitMs ?? 600_000)
  const staying = leechers.filter(({ leavesAt }) => leavesAt === Infinity)
  const lastMs = Math.max(...staying.map(({ doneAt = Infinity }) => doneAt))
  const seedUp = seederUps.reduce((sum, up) => sum + up, 0)
  const joinless = scenario.joinMs === undefined
  const boundMs = fluidBoundMs({
    totalBytes,
    seedUp,
    leechers: leechers.map(({ up, down, joinsAt, leavesAt }) => ({
      up,
      down,
      joinsAt: joinless ? 0 : joinsAt,
      leavesAt
    })),
    seederCopies: copies
  })
  const received = leechers.reduce((sum, { brain }) => sum + brain.receivedBytes, 0)
  const held = staying.reduce((sum, { brain }) => sum + share.leafCount - brain.missing, 0)
  return {
    ratio: lastMs / boundMs,
    lastMs,
    boundMs,
    doneMs: leechers.map(({ doneAt }) => doneAt),
    up: leechers.map(({ up }) => up),
    wastedShare: leechers.reduce((sum, { brain }) => sum + brain.wastedBytes, 0) / Math.max(received, 1),
    messagesPerLeaf: network.messages / (share.leafCount * Math.max(count, 1)),
    seederCopies: seederNodes.map((node) => network.sentBytes(node) / totalBytes),
    heldShare: held / (share.leafCount * Math.max(staying.length, 1)),
    digest: network.digest
  }
}

interface SwarmBrainAt<Message, Block> {
  readonly brain: SwarmBrain<Message, Block>
  readonly node: number
}

function valueOf(each: Each, ordinal: number, random: Random): number {
  return typeof each === 'number' ? each : each(ordinal, random)
}
