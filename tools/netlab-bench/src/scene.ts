import { randomFillSync } from 'node:crypto'
import { mkdir, mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildLab, downOnAbort } from '@p2pshare/netlab'
import type { Lab, LabOptions } from '@p2pshare/netlab'
import { NodeProcess } from './node-process.ts'

const PORT = 4001
const READY_MS = 60_000
const CHUNK_BYTES = 8 * 1024 * 1024

/** How a scene is set. */
export interface SceneOptions {
  readonly lab?: LabOptions
  readonly bytes: number
  /** A relay cuts a connection that carried so much. @default it carries what comes */
  readonly relayBytes?: number | undefined
  /** Disposes of it. */
  readonly signal?: AbortSignal | undefined
  /** Of the nodes behind NATs. */
  readonly a?: Readonly<Record<string, unknown>>
  readonly b?: Readonly<Record<string, unknown>>
}

/** A lab with a relay, a node that shares a file behind a, and one that fetches behind b. */
export interface Scene extends AsyncDisposable {
  readonly lab: Lab
  readonly a: NodeProcess
  readonly b: NodeProcess
  readonly aId: string
  /** Of a: through the relay. */
  readonly circuits: string
  readonly ticket: string
  readonly file: string
  /** Where b puts what it fetches. */
  readonly output: string
}

/** R is 100 ms and D is 80 ms: the lab's defaults. Disposing of it ends everything in it. */
export async function setScene({
  lab: labOptions,
  bytes,
  relayBytes,
  signal,
  a: aInit,
  b: bInit
}: SceneOptions): Promise<Scene> {
  const lab = await buildLab({ name: `bench-${process.pid}`, ...labOptions }, { signal })
  const directory = await mkdtemp(join(tmpdir(), 'p2pshare-nat-bench-'))
  const nodes: NodeProcess[] = []
  const end = async (): Promise<void> => {
    await Promise.all(nodes.map(async (node) => node.stop()))
    await lab.down()
    await rm(directory, { recursive: true, force: true })
    listening[Symbol.dispose]()
  }
  let ended: Promise<void> | undefined
  // a signal may come while the block ends
  const close = async (): Promise<void> => (ended ??= end())
  const listening = downOnAbort(signal, { [Symbol.asyncDispose]: close })
  const start = (name: 'a' | 'b' | 'relay', setting: Readonly<Record<string, unknown>>): NodeProcess => {
    const node = new NodeProcess(lab.hosts[name], setting)
    nodes.push(node)
    return node
  }
  try {
    const file = join(directory, 'shared.bin')
    await writeRandom(file, bytes)
    const output = join(directory, 'output')
    await mkdir(output)
    const listen = lab.hosts.relay.addresses.flatMap((host) => [
      `/ip4/${host}/tcp/${PORT}`,
      `/ip4/${host}/udp/${PORT}/utp`
    ])
    const nat = {
      relayServer: true,
      portMapping: false,
      ...(relayBytes !== undefined && { relayMaxBytes: relayBytes })
    }
    const relay = start('relay', { listen, announce: listen, nat, relaysAll: relayBytes === undefined })
    const { id: relayId } = await relay.says('ready', READY_MS)
    const bootstrap = listen.map((address) => `${address}/p2p/${String(relayId)}`)
    const a = start('a', { bootstrap, ...aInit, home: join(directory, 'a') })
    const aReady = await a.says('ready', READY_MS)
    a.tell({ do: 'share', path: file })
    const { ticket } = await a.says('shared', READY_MS)
    // only now: nodes at one relay find each other, and would be direct before anything is fetched
    const b = start('b', { bootstrap, ...bInit, home: join(directory, 'b') })
    await b.says('ready', READY_MS)
    const addresses = (aReady['addresses'] as string[]).filter((address) => address.includes('/p2p-circuit'))
    return {
      lab,
      a,
      b,
      aId: String(aReady['id']),
      circuits: addresses.join(' '),
      ticket: String(ticket),
      file,
      output,
      [Symbol.asyncDispose]: close
    }
  } catch (error) {
    await close()
    throw error
  }
}

async function writeRandom(path: string, bytes: number): Promise<void> {
  await using handle = await open(path, 'w')
  for (let left = bytes; left > 0; left -= CHUNK_BYTES) {
    await handle.write(randomFillSync(Buffer.alloc(Math.min(left, CHUNK_BYTES))))
  }
}
