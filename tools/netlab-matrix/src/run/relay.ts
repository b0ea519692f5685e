import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { isIPv6 } from 'node:net'
import type { Lab } from '@p2pshare/netlab'
import { Program, binOf } from './program.ts'

const READY_MS = 60_000
const PORT = 7071

/** The node on the relay host: bootstrap, relay and STUN, as anybody would run it. */
export interface RelayNode {
  readonly program: Program
  readonly addresses: readonly string[]
}

/** Start it, and wait until it listens. */
export async function startRelay(lab: Lab, directory: string): Promise<RelayNode> {
  const home = join(directory, 'relay')
  await mkdir(home, { recursive: true })
  const listen = lab.hosts.relay.addresses.flatMap((host) => {
    const ip = isIPv6(host) ? `/ip6/${host}` : `/ip4/${host}`
    return [`${ip}/tcp/${PORT}`, `${ip}/udp/${PORT}/utp`]
  })
  const program = new Program(
    lab.hosts.relay,
    'p2pshare-node-server',
    [binOf('@p2pshare/node-server', 'p2pshare-node-server')],
    {
      P2PSHARE_SERVER_HOME: home,
      P2PSHARE_SERVER_LISTEN: listen.join(','),
      // nobody is there yet who could say that these can be reached
      P2PSHARE_SERVER_ANNOUNCE: listen.join(','),
      P2PSHARE_SERVER_HTTP_PORT: '0',
      P2PSHARE_SERVER_MDNS: 'false',
      ...(process.env['MATRIX_DEBUG'] === undefined ? {} : { DEBUG: process.env['MATRIX_DEBUG'] })
    }
  )
  const ready = await program.says('server.ready', READY_MS)
  return { program, addresses: ready['addresses'] as string[] }
}
