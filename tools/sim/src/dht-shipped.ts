import { HARD_TIMEOUT_MS, Lookup, SEEDS, softTimeoutMs } from '@p2pshare/dht/rules'
import type { Ask, Contact, LookupInit } from '@p2pshare/dht/rules'
import type { DhtAsk, DhtLookup, DhtPatience, DhtPosition, DhtStep, DhtWorld } from '@p2pshare/testkit/sim'

/** A node of the simulation as the shipped rules see it. */
interface SimContact extends Contact {
  readonly node: number
}

interface ShippedAsk extends DhtAsk {
  readonly ask: Ask<SimContact>
}

export interface ShippedInit extends Pick<LookupInit<Contact>, 'kind' | 'nodes' | 'ranks' | 'alpha'> {
  readonly world: DhtWorld
  readonly self: number
  readonly target: DhtPosition
}

/** The shipped timeouts, for peers whose answer times nobody has measured. */
export const SHIPPED_PATIENCE: DhtPatience = {
  softMs: (connected) => softTimeoutMs({ connected }),
  hardMs: () => HARD_TIMEOUT_MS
}

/** The shipped walk, region and put rules, with nodes for contacts. */
export class ShippedLookup implements DhtLookup<ShippedAsk> {
  readonly rules: Lookup<SimContact>
  readonly #world: DhtWorld
  readonly #contacts = new Map<number, SimContact>()

  constructor({ world, self, target, ...init }: ShippedInit) {
    this.#world = world
    this.rules = new Lookup<SimContact>({
      ...init,
      target,
      seeds: this.#all(world.known(self, target, SEEDS)),
      seedsNear: (position) => this.#all(world.known(self, position))
    })
  }

  step(): DhtStep<ShippedAsk> {
    const { asks, puts, isDone } = this.rules.step()
    return {
      asks: asks.map((ask) => ({ node: ask.contact.node, target: ask.target, ask })),
      puts: puts.map(({ node }) => node),
      isDone
    }
  }

  answered({ ask }: ShippedAsk, closer: readonly number[]): void {
    this.rules.answered(ask, this.#all(closer))
  }

  slow({ ask }: ShippedAsk): void {
    this.rules.slow(ask)
  }

  failed({ ask }: ShippedAsk): void {
    this.rules.failed(ask)
  }

  acked(node: number): void {
    this.rules.acked(this.#contact(node))
  }

  putSlow(node: number): void {
    this.rules.putSlow(this.#contact(node))
  }

  refused(node: number): void {
    this.rules.refused(this.#contact(node))
  }

  #all(nodes: readonly number[]): SimContact[] {
    return nodes.map((node) => this.#contact(node))
  }

  #contact(node: number): SimContact {
    const known = this.#contacts.get(node)
    if (known !== undefined) {
      return known
    }
    const contact = { node, key: String(node), position: this.#world.population.position(node) }
    this.#contacts.set(node, contact)
    return contact
  }
}
