import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setForgedTime, writeRandom } from './files.ts'
import { Processes } from './processes.ts'
import type { JsonLine, Running } from './processes.ts'

/** What the acts play on: a directory, the running processes, one file and one bootstrap node. */
export interface Stage {
  readonly directory: string
  readonly processes: Processes
  readonly source: string
  readonly bytes: number
  readonly digest: string
  readonly server: JsonLine
  readonly seeder: JsonLine
  readonly bootstrap: readonly string[]
  /** Somebody wants the demo to end: its processes have been told to. */
  readonly signal: AbortSignal
}

const LISTEN = ['--listen', '/ip4/127.0.0.1/tcp/0', '--no-mdns', '--json']

export async function setStage(directory: string, bytes: number, signal: AbortSignal): Promise<Stage> {
  signal.throwIfAborted()
  const processes = new Processes()
  signal.addEventListener('abort', () => void processes.stop(), { once: true })
  try {
    const source = join(directory, 'source.bin')
    const digest = await writeRandom(source, bytes)
    await setForgedTime(source)
    const home = join(directory, 'server')
    await mkdir(home)
    const server = await processes
      .start('server', [], {
        P2PSHARE_SERVER_HOME: home,
        P2PSHARE_SERVER_LISTEN: '/ip4/127.0.0.1/tcp/0',
        P2PSHARE_SERVER_HTTP_PORT: '0'
      })
      .until('it was ready', (line) => line.type === 'server.ready')
    const bootstrap = (server['addresses'] as string[]).flatMap((address) => ['--bootstrap', address])
    const stage = { directory, processes, source, bytes, digest, server, bootstrap, signal }
    const { ready } = await share(stage, 'seeder', source)
    return { ...stage, seeder: ready }
  } catch (error) {
    await processes.stop()
    throw error
  }
}

/** Start a process that shares a file, and wait until others can fetch it. */
export async function share(
  stage: Pick<Stage, 'processes' | 'directory' | 'bootstrap'>,
  name: string,
  path: string,
  ...more: string[]
): Promise<{ readonly ready: JsonLine; readonly process: Running }> {
  const args = ['share', path, '--home', join(stage.directory, name), ...stage.bootstrap, ...LISTEN, ...more]
  const process = stage.processes.start('p2pshare', args)
  return { ready: await process.until('it shared', (line) => line.type === 'share.ready'), process }
}

/** Start a process that fetches `what`: a content id, or a ticket. */
export function get(stage: Stage, name: string, what: string, ...more: string[]): Running {
  const home = join(stage.directory, name)
  const args = ['get', what, '-o', home, '--name', 'copy.bin', '--home', join(home, 'home')]
  return stage.processes.start('p2pshare', [...args, ...stage.bootstrap, ...LISTEN, ...more])
}

export function copyOf(stage: Stage, name: string): string {
  return join(stage.directory, name, 'copy.bin')
}

export const isDone = (line: JsonLine): boolean => line.type === 'transfer.done'
