import { setTimeout as delay } from 'node:timers/promises'
import { InvalidLabOptionError, NotInLabError } from './errors.ts'
import { Host } from './host.ts'
import { withLink } from './options.ts'
import type { Link, LinkOptions } from './options.ts'
import { MAX_GENERATION } from './plan/addresses.ts'
import { planLab } from './plan/plan.ts'
import type { LabPlan, NodePlan, PortPlan } from './plan/plan.ts'
import { namespaceOf, portLine, readdressScript } from './plan/scripts.ts'
import { removeLab } from './remove.ts'
import { classifyHost } from './probe/classify.ts'
import type { Classification } from './probe/verdict.ts'
import { run } from './run/command.ts'
import { onGround } from './run/ground.ts'
import { controlSocket, saveState } from './run/state.ts'
import type { LabState } from './run/state.ts'
import { startUpnp } from './run/upnp.ts'
import { askSwitch, parseStats, tellSwitch } from './switch/control.ts'
import type { PortCounters } from './switch/control.ts'
import type { AbortOptions, Lab, LabHost } from './types.ts'

/** A lab by its state: built by this process, or by another. */
export class NetLab implements Lab {
  readonly name: string
  readonly ground: 'root' | 'user'
  readonly hosts: Lab['hosts']
  readonly builtInMs: number
  readonly #everything: ReadonlyMap<string, LabHost>
  #state: LabState
  #plan: LabPlan

  constructor(state: LabState, builtInMs: number) {
    this.#state = state
    this.#plan = planLab(state.options, state.generations)
    this.name = state.options.name
    this.ground = state.ground.kind
    this.builtInMs = builtInMs
    const view = {
      name: this.name,
      ground: state.ground,
      plan: (node: string) => this.#node(node),
      find: (node: string) => this.host(node)
    }
    this.#everything = new Map(
      this.#plan.nodes.map((node) => {
        const side = state.options.sides.find(({ name }) => name === node.name)
        return [node.name, new Host(view, node, side?.type)]
      })
    )
    this.hosts = {
      ...Object.fromEntries([...this.#everything].filter(([, { role }]) => role === 'host')),
      a: this.host('a'),
      b: this.host('b'),
      relay: this.host('relay')
    }
  }

  host(name: string): LabHost {
    const found = this.#everything.get(name)
    if (found === undefined) {
      throw new NotInLabError(
        `lab ${this.name} has no host ${name}`,
        `there are ${[...this.#everything.keys()].join(', ')}`
      )
    }
    return found
  }

  async classify(host: string, options: AbortOptions & { family?: 4 | 6 } = {}): Promise<Classification> {
    return await classifyHost(this.host(host), this.hosts.relay, options)
  }

  link(host: string): Link {
    return this.#state.links[host] ?? this.#port(host).link
  }

  async setLink(host: string, change: LinkOptions, { signal }: AbortOptions = {}): Promise<void> {
    const link = withLink(this.link(host), change)
    await this.#tell(host, link, signal)
    await this.#save({ links: { ...this.#state.links, [host]: link } })
  }

  async restartRouter(
    side: string,
    { outageMs = 0, signal }: AbortOptions & { outageMs?: number } = {}
  ): Promise<void> {
    if (outageMs > 0) {
      await this.#tell(side, { ...this.link(side), lossPercent: 100 }, signal)
    }
    try {
      await this.#forgetFlows(side, signal)
      await delay(outageMs, undefined, { ...(signal && { signal }) })
    } finally {
      if (outageMs > 0) {
        await this.#tell(side, this.link(side), undefined)
      }
    }
  }

  async changeAddress(side: string, { signal }: AbortOptions = {}): Promise<readonly string[]> {
    const host = this.host(side)
    const generation = (this.#state.generations[this.#port(side).host] ?? 0) + 1
    if (generation > MAX_GENERATION) {
      throw new InvalidLabOptionError('changeAddress', `${side} has had all of its ${MAX_GENERATION + 1} addresses`)
    }
    const generations = { ...this.#state.generations, [this.#port(side).host]: generation }
    const before = this.#plan
    const after = planLab(this.#state.options, generations)
    for (const node of after.nodes) {
      const old = before.nodes.find(({ name }) => name === node.name)
      if (old !== undefined && addressesOf(old) !== addressesOf(node)) {
        await this.#inside(node.name, readdressScript(old, node), signal)
      }
    }
    this.#plan = after
    await this.#save({ generations })
    await this.#forgetFlows(side, signal)
    return host.publicAddresses
  }

  async counters({ signal }: AbortOptions = {}): Promise<ReadonlyMap<string, PortCounters>> {
    const byPort = parseStats(await askSwitch(controlSocket(this.name), 'stats', signal))
    return new Map(
      this.#plan.ports.flatMap(({ name, host }) => {
        const counters = byPort.get(name)
        return counters === undefined ? [] : [[host, counters] as const]
      })
    )
  }

  async down(): Promise<void> {
    await removeLab(this.name)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.down()
  }

  /** The routers of a side start over: rules, what they learned, flows, and port mappings that were asked for. */
  async #forgetFlows(side: string, signal: AbortSignal | undefined): Promise<void> {
    for (const name of this.#node(side).routers) {
      const node = this.#node(name)
      const stopUpnp =
        'for pid in $(ip netns pids "$0"); do [ "$(cat /proc/$pid/comm)" != miniupnpd ] || kill -9 $pid; done'
      if (node.upnp !== undefined) {
        const namespace = namespaceOf(this.name, name)
        await run(onGround(this.#state.ground, ['sh', '-c', stopUpnp, namespace]), { signal })
      }
      await this.#inside(name, `nft -f - << 'END_OF_INPUT'\n${node.rules ?? ''}END_OF_INPUT\n`, signal)
      await this.#inside(name, 'conntrack -F 2> /dev/null\n', signal)
      await startUpnp(this.name, this.#state.ground, node, signal)
    }
  }

  async #inside(node: string, script: string, signal: AbortSignal | undefined): Promise<void> {
    await this.host(node).exec('sh', ['-e', '-s'], { input: script, signal })
  }

  async #tell(host: string, link: Link, signal: AbortSignal | undefined): Promise<void> {
    await tellSwitch(controlSocket(this.name), portLine(this.#port(host), link), signal)
  }

  async #save(change: Partial<LabState>): Promise<void> {
    this.#state = { ...this.#state, ...change }
    await saveState(this.#state)
  }

  #node(name: string): NodePlan {
    const found = this.#plan.nodes.find((node) => node.name === name)
    if (found === undefined) {
      throw new NotInLabError(`lab ${this.name} has no host ${name}`)
    }
    return found
  }

  /** The link a host is on: b on a's LAN has a's. */
  #port(host: string): PortPlan {
    const edge = this.#node(host).routers.at(-1) ?? host
    const found = this.#plan.ports.find(({ node }) => node === edge)
    if (found === undefined) {
      throw new NotInLabError(`lab ${this.name} has no link ${host}`)
    }
    return found
  }
}

function addressesOf(node: NodePlan): string {
  return JSON.stringify(node.interfaces.map(({ addresses }) => addresses))
}
