import { InvalidMessageError } from '@p2pshare/interface'
import { MAP_TIMEOUT_MS } from './constants.ts'
import { withDeadline } from './deadline.ts'
import { hasLostState } from './epoch.ts'
import type { EpochReading } from './epoch.ts'
import { GatewayRefusedError, GatewaySilentError, NoPortMappingError } from './errors.ts'
import type { GatewayClient, Lease, MapRequest } from './types.ts'

interface Winner {
  readonly client: GatewayClient
  epoch: EpochReading | undefined
}

/**
 * The protocols of one gateway against each other. Only questions that change nothing are raced: mappings made by two
 * protocols at once would be one mapping to most gateways, and removing the loser's would remove the winner's.
 */
export class GatewayRace {
  readonly #clients: readonly GatewayClient[]
  readonly #now: () => number
  readonly #probeTimeoutMs: number
  #winner: Winner | undefined
  #probing: Promise<Winner | Error>[] | undefined

  constructor(clients: readonly GatewayClient[], now: () => number, probeTimeoutMs: number) {
    this.#clients = clients
    this.#now = now
    this.#probeTimeoutMs = probeTimeoutMs
  }

  /**
   * Through the protocol that worked before; else through the first that answers and does not refuse.
   *
   * @throws NoPortMappingError when none works
   */
  async map(request: MapRequest, signal: AbortSignal): Promise<Lease> {
    const causes: Error[] = []
    for await (const winner of this.#answering(causes, signal)) {
      try {
        const lease = await this.#mapBy(winner, request, signal)
        this.#winner = winner
        this.#probing = undefined
        return lease
      } catch (error) {
        signal.throwIfAborted()
        causes.push(toError(winner.client, error))
        if (winner === this.#winner) {
          this.#winner = undefined
        }
      }
    }
    // whoever is next asks anew, and does not hear the same answers
    this.#probing = undefined
    throw new NoPortMappingError(causes)
  }

  /** Through the protocol that gave it; nothing to do for another's. */
  async unmap(request: MapRequest, lease: Lease, signal: AbortSignal): Promise<void> {
    const client = this.#clients.find(({ method }) => method === lease.method)
    await client?.unmap(request, lease.externalPort, signal)
  }

  /** Whether the gateway still is the one that gave `leases`. No answer says nothing: a lease ends when it ends. */
  async isLost(leases: readonly (Lease & Pick<MapRequest, 'protocol'>)[], signal: AbortSignal): Promise<boolean> {
    if (this.#winner === undefined) {
      return false
    }
    const winner = this.#winner
    try {
      return await withDeadline(signal, this.#probeTimeoutMs, async (limited) => this.#isLost(winner, leases, limited))
    } catch {
      signal.throwIfAborted()
      return false
    }
  }

  async #isLost(
    winner: Winner,
    leases: readonly (Lease & Pick<MapRequest, 'protocol'>)[],
    signal: AbortSignal
  ): Promise<boolean> {
    const { client, epoch } = winner
    const { epochSeconds, externalIp } = await client.probe(signal)
    if (epochSeconds !== undefined) {
      winner.epoch = { epochSeconds, at: this.#now() }
      if (epoch !== undefined && hasLostState(epoch, winner.epoch)) {
        return true
      }
    }
    if (externalIp !== undefined && leases.some((lease) => lease.externalIp !== externalIp)) {
      return true
    }
    const held = await Promise.all(
      leases.map(async ({ protocol, externalPort }) => client.holds?.(protocol, externalPort, signal) ?? true)
    )
    return held.includes(false)
  }

  async *#answering(causes: Error[], signal: AbortSignal): AsyncGenerator<Winner, void, undefined> {
    if (this.#winner !== undefined) {
      yield this.#winner
    }
    // listeners that ask at the same time share the questions
    this.#probing ??= this.#clients.map(async (client) => this.#probe(client, signal))
    const pending = new Map(this.#probing.map((probe, index) => [index, probe.then((answer) => ({ index, answer }))]))
    while (pending.size > 0) {
      const result = await Promise.race(pending.values())
      pending.delete(result.index)
      if (result.answer instanceof Error) {
        causes.push(result.answer)
      } else {
        yield result.answer
      }
    }
  }

  /** Never rejects: an answer that nobody waits for any more is no fault of anybody. */
  async #probe(client: GatewayClient, signal: AbortSignal): Promise<Winner | Error> {
    try {
      const { epochSeconds } = await withDeadline(signal, this.#probeTimeoutMs, async (limited) =>
        client.probe(limited)
      )
      return { client, epoch: epochSeconds === undefined ? undefined : { epochSeconds, at: this.#now() } }
    } catch (error) {
      return toError(client, error)
    }
  }

  async #mapBy({ client }: Winner, request: MapRequest, signal: AbortSignal): Promise<Lease> {
    const mapped = await withDeadline(signal, MAP_TIMEOUT_MS, async (limited) => client.map(request, limited))
    const { externalIp, externalPort, lifetimeMs } = mapped
    return { method: client.method, externalIp, externalPort, lifetimeMs, obtainedAt: this.#now() }
  }
}

function toError({ method }: GatewayClient, error: unknown): Error {
  const isSaid = error instanceof GatewayRefusedError || error instanceof InvalidMessageError
  return isSaid ? error : new GatewaySilentError(method, { cause: error })
}
