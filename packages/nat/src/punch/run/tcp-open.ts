import type { Connection, PeerId } from '@libp2p/interface'
import type { DatagramAddress, LocalPortDialer } from '@p2pshare/interface'
import { anySignal } from 'any-signal'
import type { Clock } from '../clock.ts'
import { MAX_TCP_DIALS, TCP_RETRY_MS, TCP_TIMEOUT_MS } from '../constants.ts'
import { StrategyFailedError } from '../errors.ts'
import { tcpAddress } from './dial.ts'

/** What a simultaneous open takes. */
export interface TcpOpenContext {
  readonly peer: PeerId
  readonly dialer: LocalPortDialer
  readonly localPort: number
  readonly target: DatagramAddress
  readonly initiator: boolean
  /** Resolves at the moment that both ends agreed on. */
  readonly go: Promise<void>
  readonly clock: Clock
  readonly signal: AbortSignal
}

/**
 * Dial again and again until the other end's dial meets ours: a router that answers for it refuses at once, until its own
 * host has dialled.
 */
export async function tcpOpen(context: TcpOpenContext): Promise<Connection> {
  const { peer, dialer, localPort, target, initiator, go, clock, signal } = context
  await go
  const either = anySignal([signal, AbortSignal.timeout(TCP_TIMEOUT_MS)])
  const isOver = (): boolean => either.aborted
  let last: unknown
  try {
    for (let n = 0; n < MAX_TCP_DIALS && !isOver(); n++) {
      try {
        return await dialer.dialFrom(localPort, tcpAddress(target, peer), { signal: either, initiator })
      } catch (error) {
        // what a dial that was cut says is no news
        if (!isOver()) {
          last ??= error
        }
      }
      await clock.sleep(TCP_RETRY_MS, either).catch(() => undefined)
    }
    signal.throwIfAborted()
    throw new StrategyFailedError(`no connection in ${TCP_TIMEOUT_MS / 1000} s`, { cause: last })
  } finally {
    either.clear()
  }
}
