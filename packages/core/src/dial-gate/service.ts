import type { Startable } from '@libp2p/interface'
import type { DialGate, DialGateComponents, DialGateView, Giver } from './dial-gate.ts'

/** The gate as a service of the node, which tells it of connections. */
export function dialGateService(gate: DialGate): (components: DialGateComponents) => DialGateView {
  return (components) => new DialGateService(gate, components)
}

class DialGateService implements DialGateView, Startable {
  readonly [Symbol.toStringTag] = '@p2pshare/core-dial-gate'
  readonly #gate: DialGate
  readonly #components: DialGateComponents
  #detach: (() => void) | undefined

  constructor(gate: DialGate, components: DialGateComponents) {
    this.#gate = gate
    this.#components = components
  }

  get refused(): DialGateView['refused'] {
    return this.#gate.refused
  }

  trust(addresses: Parameters<DialGateView['trust']>[0], giver: Giver): void {
    this.#gate.trust(addresses, giver)
  }

  /** Before anything is dialled. */
  beforeStart(): void {
    this.#detach ??= this.#gate.attach(this.#components)
  }

  start(): void {
    // listens since before
  }

  stop(): void {
    this.#detach?.()
    this.#detach = undefined
  }
}
