import { isIPv6 } from 'node:net'
import { fileURLToPath } from 'node:url'
import { buildLab } from '@p2pshare/netlab'
import type { BuildOptions, Lab, LabHost } from '@p2pshare/netlab'
import type { Pair } from '../pairs.ts'
import type { PeerOrder } from './orders.ts'
import { Program } from './program.ts'
import { forgetAll } from './routers.ts'
import { sidesFor } from './sides.ts'
import type { Sides } from './sides.ts'
import { prefer, waitedMs } from './processor.ts'
import { Turns } from './turns.ts'

const PEER = fileURLToPath(new URL('../peer.ts', import.meta.url))
const HERE_MS = 60_000
const READY_MS = 30_000
const ENDED_MS = 30_000
/** Of the first run's relay; each has the next one, so that nothing that is still under way finds a listener. */
const FIRST_PORT = 7_071
/** Two nodes have met by then, or are waiting for something that takes no processor. */
const MEETING_MS = 2_000
const LOG = process.env['MATRIX_DEBUG'] === undefined ? {} : { DEBUG: process.env['MATRIX_DEBUG'] }

/** One end of a run: its program, and the node that it has for this run. */
export interface Player {
  readonly program: Program
  readonly id: string
  readonly addresses: readonly string[]
  tell(order: PeerOrder): void
}

/** What one run has. Disposing of it stops the three nodes. */
export interface Run extends AsyncDisposable {
  readonly a: Player
  readonly b: Player
  /** How long each of the three processes has waited for a processor. */
  waitedMs(): Promise<number[]>
  /** From here on it is measured: resolves when no other run is, with what ends it. */
  measure(): Promise<() => void>
}

/**
 * A lab for many cells, with a program on each host that lasts as long as it: it is the node in it that each run has for
 * itself. Pairs that share no host can run side by side, each with a relay of its own.
 */
export class Stage implements AsyncDisposable {
  readonly lab: Lab
  readonly #sides: Sides
  readonly #programs = new Map<string, Promise<Program>>()
  readonly #busy = new Set<string>()
  /** Relays that nobody uses now. */
  readonly #relays: Program[] = []
  readonly #turns = new Turns(MEETING_MS)
  #runs = 0

  private constructor(lab: Lab, sides: Sides) {
    this.lab = lab
    this.#sides = sides
  }

  /** @throws MissingToolsError, NoNamespacesError where there can be no lab */
  static async build(
    pairs: readonly Pair[],
    { lossPercent = 0, name }: { readonly lossPercent?: number; readonly name: string },
    options: BuildOptions = {}
  ): Promise<Stage> {
    const sides = sidesFor(pairs)
    return new Stage(await buildLab({ ...sides.lab, name, lossPercent }, options), sides)
  }

  /** Whether nobody else runs on the hosts of a pair. */
  isFree(pair: Pair): boolean {
    return !this.#sides.of(pair).some((host) => this.#busy.has(host))
  }

  /** Keep the hosts of a pair to oneself, until this is called. */
  take(pair: Pair): () => void {
    const hosts = this.#sides.of(pair)
    hosts.forEach((host) => this.#busy.add(host))
    return () => {
      hosts.forEach((host) => this.#busy.delete(host))
    }
  }

  /** Routers that know nothing, a new relay, and a new node at each end that has a place there. */
  async begin(pair: Pair): Promise<Run> {
    const hosts = this.#sides.of(pair)
    const relay = this.#relays.pop() ?? (await startProgram(this.lab.hosts.relay))
    const ends = await Promise.all(hosts.map(async (host) => this.#programOn(host)))
    const all = [relay, ...ends]
    all.forEach((program) => {
      program.forget()
    })
    const pids = all.map(({ pid }) => pid)
    prefer(pids, false)
    const { a, b } = await this.#play(hosts, relay, ends).catch(async (error: unknown) => {
      // each may have a node by now, or have one in a moment: what is left of it would take part in the next run
      await Promise.all(all.map(async (program) => program.stop()))
      throw error
    })
    return {
      a,
      b,
      waitedMs: async () => waitedMs(pids),
      measure: async () => {
        const done = await this.#turns.take()
        prefer(pids, true)
        return () => {
          prefer(pids, false)
          done()
        }
      },
      [Symbol.asyncDispose]: async () => {
        await Promise.all(all.map(async (program) => end(program)))
        if (!relay.over) {
          this.#relays.push(relay)
        }
      }
    }
  }

  async #play(hosts: readonly string[], relay: Program, ends: readonly Program[]): Promise<{ a: Player; b: Player }> {
    const [server] = await Promise.all([
      play(relay, { do: 'relay', listen: this.#listen(hosts) }),
      forgetAll(this.lab, hosts)
    ])
    const [a, b] = await Promise.all(
      ends.map(async (program) => play(program, { do: 'begin', bootstrap: server.addresses }))
    )
    return { a: a ?? server, b: b ?? server }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.lab.down()
  }

  async #programOn(host: string): Promise<Program> {
    const known = this.#programs.get(host)
    if (known !== undefined && !(await known).over) {
      return known
    }
    const started = startProgram(this.lab.host(host))
    this.#programs.set(host, started)
    return started
  }

  /** IPv6 only for who has it, so that nobody loses time with it. */
  #listen(hosts: readonly string[]): string[] {
    const port = FIRST_PORT + this.#runs++
    const hasIpv6 = hosts.some((host) => this.lab.host(host).addresses.some((address) => isIPv6(address)))
    return listenOf(this.lab.hosts.relay, port, hasIpv6)
  }
}

async function startProgram(host: LabHost): Promise<Program> {
  const program = new Program(host, 'peer', ['--no-warnings', PEER], LOG)
  await program.says('peer.here', HERE_MS)
  return program
}

async function play(program: Program, order: PeerOrder): Promise<Player> {
  const tell = (one: PeerOrder): void => {
    program.tell(JSON.stringify(one))
  }
  tell(order)
  const ready = await program.says('peer.ready', READY_MS)
  return { program, id: String(ready['id']), addresses: ready['addresses'] as string[], tell }
}

/** One that does not stop its node is stopped itself; the next run has another. */
async function end(program: Program): Promise<void> {
  program.tell(JSON.stringify({ do: 'end' } satisfies PeerOrder))
  await program.says('peer.ended', ENDED_MS).catch(async () => program.stop())
}

function listenOf({ addresses }: LabHost, port: number, ipv6: boolean): string[] {
  return addresses
    .filter((host) => ipv6 || !isIPv6(host))
    .flatMap((host) => {
      const ip = isIPv6(host) ? `/ip6/${host}` : `/ip4/${host}`
      return [`${ip}/tcp/${port}`, `${ip}/udp/${port}/utp`]
    })
}
