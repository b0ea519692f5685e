import { spawn } from 'node:child_process'
import type { ChildProcess, SpawnOptions } from 'node:child_process'
import type { NatType } from './nat-types.ts'
import type { NodePlan } from './plan/plan.ts'
import { namespaceOf } from './plan/scripts.ts'
import { run, toolEnvironment } from './run/command.ts'
import type { CommandOptions, CommandResult } from './run/command.ts'
import { onGround } from './run/ground.ts'
import type { Ground } from './run/ground.ts'
import type { LabHost } from './types.ts'

/** What a host must know of its lab. The plan is asked each time: addresses change. */
export interface HostLab {
  readonly name: string
  readonly ground: Ground
  plan(node: string): NodePlan
  find(node: string): LabHost
}

export class Host implements LabHost {
  readonly name: string
  readonly role: LabHost['role']
  readonly namespace: string
  readonly type: NatType | undefined
  readonly #lab: HostLab

  constructor(lab: HostLab, node: NodePlan, type: NatType | undefined) {
    this.#lab = lab
    this.name = node.name
    this.role = node.role
    this.namespace = namespaceOf(lab.name, node.name)
    this.type = type
  }

  get addresses(): readonly string[] {
    const { interfaces } = this.#lab.plan(this.name)
    const outer = interfaces.find(({ gateway }) => gateway !== undefined)
    return (outer?.addresses ?? []).map((address) => address.slice(0, address.indexOf('/')))
  }

  get publicAddresses(): readonly string[] {
    return this.#lab.plan(this.name).publicAddresses
  }

  get router(): LabHost | undefined {
    const [name] = this.#lab.plan(this.name).routers
    return name === undefined ? undefined : this.#lab.find(name)
  }

  argv(command: string, args: readonly string[] = []): [string, ...string[]] {
    const [program, ...rest] = onGround(this.#lab.ground, ['ip', 'netns', 'exec', this.namespace, command, ...args])
    return [program, ...rest]
  }

  spawn(command: string, args: readonly string[] = [], options: SpawnOptions = {}): ChildProcess {
    const [program, ...rest] = this.argv(command, args)
    const env = options.env ?? process.env
    return spawn(program, rest, { ...options, env: { ...env, PATH: pathOf(env) } })
  }

  async exec(command: string, args: readonly string[] = [], options: CommandOptions = {}): Promise<CommandResult> {
    const { env } = options
    return await run(this.argv(command, args), { ...options, ...(env && { env: { ...env, PATH: pathOf(env) } }) })
  }

  toString(): string {
    return this.name
  }
}

/** `ip` has to be found, whatever the program is given. */
function pathOf(env: NodeJS.ProcessEnv | undefined): string {
  const own = env?.['PATH']
  const tools = toolEnvironment()['PATH'] ?? ''
  return own === undefined ? tools : `${own}:${tools}`
}
