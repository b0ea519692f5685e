import { connect as netConnect } from 'node:net'
import type { NetConnectOpts, Socket } from 'node:net'
import type { AbortOptions } from '@libp2p/interface'
import { DeadlineError } from '@p2pshare/interface'
import type { Endpoint } from './endpoint.ts'
import { ConnectFailedError, LocalPortTakenError } from './errors.ts'
import { settled } from './socket-events.ts'

/** How one socket is opened. */
export interface ConnectOptions extends AbortOptions {
  readonly timeoutMs: number
  readonly localPort?: number
}

/** System errors that blame the local end, when a local port was asked for. */
const LOCAL_PORT_CODES: ReadonlySet<unknown> = new Set(['EADDRINUSE', 'EADDRNOTAVAIL', 'EACCES'])

/**
 * One socket to one endpoint; when it does not come about, nothing of it is left.
 *
 * @throws ConnectFailedError when nobody answers there
 * @throws LocalPortTakenError when `localPort` cannot be used
 */
export async function connect(endpoint: Endpoint, options: ConnectOptions): Promise<Socket> {
  options.signal?.throwIfAborted()
  const { timeoutMs, localPort } = options
  const socket = netConnect(toNetOptions(endpoint, localPort))
  const onTimeout = (): void => {
    socket.destroy(new DeadlineError(`connecting to ${endpoint.text}`, timeoutMs))
  }
  socket.setTimeout(timeoutMs)
  socket.once('timeout', onTimeout)
  try {
    await settled(options, (done) => {
      socket.once('connect', done)
      // stays when the dial is given up: what is under way may fail yet, and an error without a listener ends the process
      socket.once('error', done)
    })
    return socket
  } catch (error) {
    socket.destroy()
    options.signal?.throwIfAborted()
    if (localPort !== undefined && LOCAL_PORT_CODES.has(codeOf(error))) {
      throw new LocalPortTakenError(localPort, { cause: error })
    }
    throw new ConnectFailedError(endpoint.text, [error])
  } finally {
    socket.off('timeout', onTimeout)
  }
}

function toNetOptions(endpoint: Endpoint, localPort: number | undefined): NetConnectOpts {
  if (endpoint.kind === 'unix') {
    return { path: endpoint.path }
  }
  const { host, port } = endpoint
  return { host, port, noDelay: true, keepAlive: true, ...(localPort === undefined ? {} : { localPort }) }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
