import type { AbortOptions, MultiaddrConnection } from '@libp2p/interface'
import { AbstractMultiaddrConnection } from '@libp2p/utils'
import type { SendResult } from '@libp2p/utils'
import type { Uint8ArrayList } from 'uint8arraylist'
import { FaultInjectedError } from '../errors.ts'
import { Coupling } from './coupling.ts'
import { checkPlan } from './plan.ts'
import type { FaultPlan } from './plan.ts'

class FaultyConnection extends AbstractMultiaddrConnection {
  readonly #inner: MultiaddrConnection
  readonly #coupling: Coupling

  constructor(inner: MultiaddrConnection, plan: FaultPlan) {
    super({
      remoteAddr: inner.remoteAddr,
      direction: inner.direction,
      log: inner.log,
      inactivityTimeout: inner.inactivityTimeout,
      maxReadBufferLength: inner.maxReadBufferLength,
      ...(inner.maxWriteBufferLength === undefined ? {} : { maxWriteBufferLength: inner.maxWriteBufferLength })
    })
    this.#inner = inner
    this.#coupling = new Coupling(inner, this, plan, {
      closeInner: async (options) => {
        await inner.close(options)
      },
      incomingEnded: () => {
        this.onTransportClosed()
        inner.close().catch((error: unknown) => {
          inner.abort(new FaultInjectedError(0, { cause: error }))
        })
      },
      // a dead link does not say that it is dead
      seesEndPastStall: false
    })
  }

  override sendData(data: Uint8ArrayList): SendResult {
    const sentBytes = data.byteLength
    return { sentBytes, canSendMore: this.#coupling.send(data) }
  }

  override sendReset(error: Error): void {
    this.#coupling.abort(error)
  }

  override sendPause(): void {
    this.#coupling.pause()
  }

  override sendResume(): void {
    this.#coupling.resume()
  }

  override async sendClose(options?: AbortOptions): Promise<void> {
    if (!(await this.#coupling.finish(options))) {
      // nothing gets through any more, and the socket of this end must not stay open
      this.#inner.abort(new FaultInjectedError(0))
    }
  }
}

/** The connection, before encryption and muxing, with faults in its way. `faultyTransport` puts it into a node. */
export function faultyConnection(connection: MultiaddrConnection, plan: FaultPlan): MultiaddrConnection {
  checkPlan(plan)
  return new FaultyConnection(connection, plan)
}
