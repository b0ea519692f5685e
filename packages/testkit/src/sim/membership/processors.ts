/** What the members' processes cost the machine that they share. Times are in milliseconds of one core. */
export interface CpuModel {
  readonly cores: number
  /** Members of one process share its only thread. */
  processOf(node: number): number
  /** To send or to receive a message. */
  readonly messageMs: number
  /** To open a link, at each of its ends. It takes many turns of the event loop, with others' work in between. */
  readonly linkMs: number
  /** What is done before costs nothing: a network that has formed in peace, instead of all at once. @default 0 */
  readonly sinceMs?: number
}

/** What a handshake takes in one turn: a key exchange, a signature. */
const LINK_TURN_MS = 1

interface Waiting<Payload> {
  readonly kind: number
  readonly node: number
  readonly link: number
  readonly payload: Payload | undefined
}

/**
 * Processes with one thread each on a few cores: what comes while a process works, or while no core is free, waits its
 * turn, in the order in which it came.
 */
export class Processors<Payload> {
  readonly model: CpuModel
  readonly #ticksPerMs: number
  readonly #runAt: (tick: number, process: number) => void
  /** By core and by process: busy until then. */
  readonly #cores: number[]
  readonly #busyUntil = new Map<number, number>()
  readonly #queues = new Map<number, Waiting<Payload>[]>()
  /** Turns that links being opened have had, by link end. */
  readonly #linkTurns = new Map<number, number>()
  #spentMs = 0
  #isAtWork = false

  /** `runAt` calls `next` back then. */
  constructor(model: CpuModel, ticksPerMs: number, runAt: (tick: number, process: number) => void) {
    this.model = model
    this.#ticksPerMs = ticksPerMs
    this.#runAt = runAt
    this.#cores = new Array<number>(model.cores).fill(0)
  }

  /** Ticks that the work under way has taken so far: what it sends now leaves that much later. */
  get spentTicks(): number {
    return Math.round(this.#spentMs * this.#ticksPerMs)
  }

  /**
   * One turn of the work that opening a link is, at one of its ends. Returns how many ticks it takes if there is more to do
   * before the link is up; `undefined`: the last turn is under way.
   */
  openLink(node: number, end: number, tick: number): number | undefined {
    const { linkMs } = this.model
    const turns = Math.max(1, Math.round(linkMs / LINK_TURN_MS))
    const had = (this.#linkTurns.get(end) ?? 0) + 1
    this.begin(tick)
    this.spend(linkMs / turns)
    if (had >= turns || !this.#isAtWork) {
      this.#linkTurns.delete(end)
      return undefined
    }
    this.#linkTurns.set(end, had)
    const { spentTicks } = this
    this.done(node, tick)
    return spentTicks
  }

  /** A node begins to see to something. */
  begin(tick: number): void {
    this.#isAtWork = tick >= (this.model.sinceMs ?? 0) * this.#ticksPerMs
  }

  /** The work under way takes so much more. What the world does with a node costs nobody anything. */
  spend(ms: number): void {
    this.#spentMs += this.#isAtWork ? ms : 0
  }

  /** Whether the node can see to it now; if not, it waits. */
  isFree(kind: number, node: number, link: number, payload: Payload | undefined, tick: number): boolean {
    const process = this.model.processOf(node)
    const queue = this.#queues.get(process)
    if (queue !== undefined) {
      queue.push({ kind, node, link, payload })
      return false
    }
    const freeAt = this.#freeAt(process)
    if (freeAt <= tick) {
      return true
    }
    this.#queues.set(process, [{ kind, node, link, payload }])
    this.#runAt(freeAt, process)
    return false
  }

  /** The work is done: its process and a core were busy with it. */
  done(node: number, tick: number): void {
    this.#isAtWork = false
    if (this.#spentMs > 0) {
      const until = tick + this.spentTicks
      this.#spentMs = 0
      this.#cores[this.#firstFree()] = until
      this.#busyUntil.set(this.model.processOf(node), until)
    }
  }

  /** What waits longest for this process, if it can be seen to now. */
  next(process: number, tick: number): Waiting<Payload> | undefined {
    const freeAt = this.#freeAt(process)
    const queue = this.#queues.get(process)
    if (freeAt > tick) {
      this.#runAt(freeAt, process)
      return undefined
    }
    const first = queue?.shift()
    if (queue?.length === 0) {
      this.#queues.delete(process)
    } else if (queue !== undefined) {
      this.#runAt(tick, process)
    }
    return first
  }

  #freeAt(process: number): number {
    return Math.max(this.#busyUntil.get(process) ?? 0, this.#cores[this.#firstFree()] ?? 0)
  }

  #firstFree(): number {
    return this.#cores.indexOf(Math.min(...this.#cores))
  }
}
