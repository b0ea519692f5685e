import type { ChildProcess, SpawnOptions } from 'node:child_process'
import type { Classification } from './probe/verdict.ts'
import type { NatType } from './nat-types.ts'
import type { Link, LinkOptions } from './options.ts'
import type { CommandOptions, CommandResult } from './run/command.ts'
import type { PortCounters } from './switch/control.ts'

export interface AbortOptions {
  readonly signal?: AbortSignal | undefined
}

/** How a lab is built; what is built, `LabOptions` say. */
export interface BuildOptions extends AbortOptions {
  /**
   * Install Debian packages that are missing, where that is possible. Without it, their lack is an error at once.
   *
   * @default true
   */
  readonly install?: boolean | undefined
}

/** A host, a router or a carrier's NAT of a lab: one network namespace. */
export interface LabHost {
  readonly name: string
  readonly role: 'host' | 'router' | 'carrier'
  /** As `ip netns` calls it. In a lab that stands in a user namespace only that one knows it. */
  readonly namespace: string
  /** What it is behind; undefined for servers, relays and routers. */
  readonly type: NatType | undefined
  /** Its own addresses, IPv4 first; of a router: those on its internet side. */
  readonly addresses: readonly string[]
  /** How the internet sees it: a NAT's address, and its own IPv6 ones. */
  readonly publicAddresses: readonly string[]
  /** What it is directly behind. */
  readonly router: LabHost | undefined

  /**
   * Start a program on this host, with Node's usual options. Its process id is the program's own, so signals reach it.
   * `lab.down()` kills what still runs.
   */
  spawn(command: string, args?: readonly string[], options?: SpawnOptions): ChildProcess
  /**
   * Run a program on this host to its end.
   *
   * @throws LabCommandError when it ends with another code than 0
   */
  exec(command: string, args?: readonly string[], options?: CommandOptions): Promise<CommandResult>
  /** The program and arguments that do it, for tools which start processes themselves. */
  argv(command: string, args?: readonly string[]): [string, ...string[]]
}

/** A network that exists until `down()`. */
export interface Lab {
  readonly name: string
  /** `user`: inside a user namespace, for want of root. */
  readonly ground: 'root' | 'user'
  /** All but routers, by name: a, b, relay; c, relay2, s2 and so on where they were asked for. */
  readonly hosts: { readonly a: LabHost; readonly b: LabHost; readonly relay: LabHost } & Readonly<
    Record<string, LabHost | undefined>
  >
  /** Every host and router by name. @throws NotInLabError */
  host(name: string): LabHost
  /** Build time, in milliseconds. 0 for a lab that was opened. */
  readonly builtInMs: number

  /** What NAT a host is behind, by asking the relay. Takes about five round trips. */
  classify(host: string, options?: AbortOptions & { readonly family?: 4 | 6 }): Promise<Classification>
  /** The link of a side or server as it is now. */
  link(host: string): Link
  /** Change a link under what runs. It applies to packets sent from now on. */
  setLink(host: string, change: LinkOptions, options?: AbortOptions): Promise<void>
  /** All routers of a side forget every mapping and flow, as after a power cut; nothing passes for `outageMs`. */
  restartRouter(side: string, options?: AbortOptions & { readonly outageMs?: number }): Promise<void>
  /** The side gets another public address (and IPv6 prefix); its routers forget everything. Returns the new addresses. */
  changeAddress(side: string, options?: AbortOptions): Promise<readonly string[]>
  /** What the switch counted on each link, by side or server. */
  counters(options?: AbortOptions): Promise<ReadonlyMap<string, PortCounters>>
  /** Kill everything that runs in the lab and remove it. Doing so twice is fine. */
  down(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}
