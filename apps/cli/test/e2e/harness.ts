import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { randomFillSync } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'

const BIN = fileURLToPath(new URL('../../bin/p2pshare.js', import.meta.url))

/** Only loopback, so that a test meets nobody but its own processes. */
const ALONE = { P2PSHARE_LISTEN: '/ip4/127.0.0.1/tcp/0', P2PSHARE_NO_MDNS: '1', P2PSHARE_SERVER_MDNS: '0' }

export interface Outcome {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export interface Running {
  readonly pid: number
  readonly done: Promise<Outcome>
  /** The first line of stdout that passes; rejects when the process ends before. */
  line(test?: (line: string) => boolean): Promise<string>
  /** Resolves when stderr matches; rejects when the process ends before. */
  says(pattern: RegExp): Promise<void>
  kill(signal: NodeJS.Signals): void
}

export interface World {
  /** A directory of this test alone. */
  readonly directory: string
  /** Start `p2pshare` with a home of its own, named so that the same one can be used again. */
  start(home: string, args: readonly string[], options?: StartOptions): Running
  /** The same, to its end. */
  run(home: string, args: readonly string[], options?: StartOptions): Promise<Outcome>
  /** A file of random bytes. */
  randomFile(name: string, bytes: number): Promise<string>
}

export interface StartOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** Largest file the process may write, in blocks of 512 bytes: what a full disk looks like. */
  readonly fileBlocks?: number
}

/** Before each test (or once a file) an empty world; after it, no process and no file is left. */
export function useWorld(scope: 'test' | 'file' = 'test'): World {
  let directory = ''
  const children = new Set<ChildProcess>()
  const [before, after] = scope === 'test' ? [beforeEach, afterEach] : [beforeAll, afterAll]
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'p2pshare-e2e-'))
  })
  after(async () => {
    for (const child of children) {
      // a stopped process has to go on to die
      child.kill('SIGCONT')
      child.kill('SIGKILL')
    }
    children.clear()
    await rm(directory, { recursive: true, force: true })
  })
  const start = (home: string, args: readonly string[], options: StartOptions = {}): Running => {
    const words = [BIN, ...args]
    const limited = options.fileBlocks !== undefined
    const child = spawn(limited ? 'sh' : process.execPath, limited ? ['-c', LIMITED, 'sh', ...words] : words, {
      cwd: options.cwd ?? directory,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env['PATH'],
        P2PSHARE_HOME: join(directory, home),
        // compiled code that is kept between starts
        XDG_CACHE_HOME: join(directory, 'cache'),
        ...ALONE,
        NODE: process.execPath,
        BLOCKS: String(options.fileBlocks ?? ''),
        ...options.env
      }
    })
    children.add(child)
    return watch(child)
  }
  return {
    get directory() {
      return directory
    },
    start,
    run: async (home, args, options) => start(home, args, options).done,
    randomFile: async (name, bytes) => {
      const path = join(directory, name)
      await writeFile(path, randomFillSync(new Uint8Array(bytes)))
      return path
    }
  }
}

/** A process that shares a file until it is told to stop, and so is a node for others to join through. */
export interface Sharer extends Running {
  readonly cid: string
  readonly ticket: string
  readonly link: string
  readonly peerId: string
  readonly addresses: readonly string[]
  /** One address that ends in its peer id. */
  readonly address: string
}

/** Share `path`, or else a small file. */
export async function startSharer(
  world: World,
  home: string,
  args: readonly string[] = [],
  path?: string
): Promise<Sharer> {
  const running = world.start(home, ['share', path ?? (await world.randomFile(`${home}.bin`, 100)), '--json', ...args])
  const ready = JSON.parse(await running.line()) as Omit<Sharer, keyof Running | 'address'>
  return { ...running, ...ready, address: ready.addresses[0] ?? '' }
}

export interface Hub extends Sharer {
  /** Run a command that joins through the hub. */
  join(home: string, ...args: readonly string[]): Promise<Outcome>
}

/** A node that others join through. */
export async function startHub(world: World): Promise<Hub> {
  const hub = await startSharer(world, 'hub')
  return { ...hub, join: async (home, ...args) => world.run(home, [...args, '--bootstrap', hub.address]) }
}

/** Seconds. */
const LOOK = { first: 3, longer: [10, 40] }

/**
 * Run a command that ends after its `--timeout`, for longer each time, until what it says passes: on a busy machine nobody
 * can say how long it takes until others are met.
 */
export async function lookUntil(
  world: World,
  home: string,
  args: readonly string[],
  passes: (outcome: Outcome) => boolean
): Promise<Outcome> {
  const look = async (seconds: number): Promise<Outcome> => world.run(home, [...args, '--timeout', `${seconds}s`])
  let outcome = await look(LOOK.first)
  for (const seconds of LOOK.longer) {
    if (!passes(outcome)) {
      outcome = await look(seconds)
    }
  }
  return outcome
}

/** Tab-separated lines of stdout. */
export function rows(outcome: Outcome): string[][] {
  return outcome.stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split('\t'))
}

const LIMITED = 'ulimit -f "$BLOCKS"; exec "$NODE" "$@"'

/**
 * Let a sender go on for an instant at a time until `reached` resolves, and leave it stopped: on a fast machine a whole
 * file would pass between a message and the signal that answers it.
 */
export async function trickle(sender: Pick<Running, 'kill'>, reached: Promise<unknown>): Promise<void> {
  const there = reached.then(() => true)
  do {
    sender.kill('SIGCONT')
    await delay(RUN_MS.running)
    sender.kill('SIGSTOP')
  } while (!(await Promise.race([there, delay(RUN_MS.stopped, false)])))
}

const RUN_MS = { stopped: 60, running: 15 }

/** Whether two files have the same bytes; a matcher takes minutes for large ones. */
export async function sameBytes(one: string, other: string): Promise<boolean> {
  const [left, right] = await Promise.all([readFile(one), readFile(other)])
  return left.equals(right)
}

/** Every line of `--json` output. */
export function events(outcome: Outcome): Record<string, unknown>[] {
  return outcome.stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}

function watch(child: ChildProcess): Running {
  const text = { stdout: '', stderr: '' }
  const checks = new Set<() => void>()
  const look = (): void => checks.forEach((check) => check())
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (chunk: string) => {
      text[name] += chunk
      look()
    })
  }
  const done = new Promise<Outcome>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve({ code, signal, ...text }))
  })
  const until = async <T>(find: () => T | undefined): Promise<T> =>
    Promise.race([
      new Promise<T>((resolve) => {
        const check = (): void => {
          const found = find()
          if (found !== undefined) {
            checks.delete(check)
            resolve(found)
          }
        }
        checks.add(check)
        check()
      }),
      done.then((outcome): never => {
        throw new TypeError(`ended with ${outcome.code}\n${outcome.stdout}\n${outcome.stderr}`)
      })
    ])
  return {
    pid: child.pid ?? 0,
    done,
    line: async (passes = () => true) => until(() => text.stdout.split('\n').slice(0, -1).find(passes)),
    says: async (pattern) => until(() => (pattern.test(text.stderr) ? null : undefined)).then(() => undefined),
    kill: (signal) => void child.kill(signal)
  }
}
