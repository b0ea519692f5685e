import { lookup } from 'node:dns/promises'
import type { Socket } from 'node:net'
import type { ConnectionGater } from '@libp2p/interface'
import { loopbackAddressLast, publicAddressesFirst } from '@libp2p/utils'
import type { Multiaddr } from '@multiformats/multiaddr'
import { resolvedGateSymbol } from '@p2pshare/interface'
import type { ResolvedGate } from '@p2pshare/interface'
import { interleave } from './attempt-schedule.ts'
import { connectRace } from './connect-race.ts'
import type { Opened } from './connect-race.ts'
import { connect } from './connect.ts'
import { MAX_ADDRESSES_PER_NAME, MAX_RACE_ADDRESSES } from './constants.ts'
import type { Companions } from './dial-groups.ts'
import { ipEndpoint, toTarget } from './endpoint.ts'
import type { Endpoint, IpEndpoint, NamedHost } from './endpoint.ts'
import { AddressDeniedError, ConnectFailedError, NameNotFoundError } from './errors.ts'
import { settled } from './socket-events.ts'

/** The names of the system. */
export type LookUp = (host: string, family: 0 | 4 | 6) => Promise<readonly { address: string; family: number }[]>

export interface DialerInit {
  readonly attemptDelayMs: number
  readonly connectTimeoutMs: number
  readonly gater: (Pick<ConnectionGater, 'denyDialMultiaddr'> & Partial<ResolvedGate>) | undefined
  readonly lookUp?: LookUp
}

/** One dial. */
export interface DialRequest {
  readonly address: Multiaddr
  readonly companions: Companions
  readonly signal: AbortSignal
  readonly localPort: number | undefined
  onFailure(error: unknown): void
}

/** A socket, and the multiaddr it was opened for. */
export interface Dialled {
  readonly socket: Socket
  readonly address: Multiaddr
}

interface Candidate {
  readonly address: Multiaddr
  readonly target: Endpoint | NamedHost
  /** What the connection gater is asked about first; libp2p has asked about the address that it was told to dial. */
  readonly gated?: Multiaddr
  /** `gated` is what the name in `address` stands for. */
  readonly isResolved?: boolean
}

/** Opens sockets for dials: the asked address first, the others of the same dial staggered after it. */
export class Dialer {
  readonly #init: DialerInit
  readonly #lookUp: LookUp

  constructor(init: DialerInit) {
    this.#init = init
    this.#lookUp = init.lookUp ?? ((host, family) => lookup(host, { family, all: true, order: 'verbatim' }))
  }

  /** What connects, first come first served; see `connectRace`. */
  dial(request: DialRequest): AsyncGenerator<Dialled, void, undefined> {
    const { address, companions, signal, localPort } = request
    const others = localPort === undefined && this.#init.attemptDelayMs > 0 ? companions.addresses : []
    const candidates = [
      { address, target: toTarget(address) },
      ...order(address, others).map((other) => ({ address: other, target: toTarget(other), gated: other }))
    ]
    return connectRace<Candidate, Dialled>(candidates.slice(0, MAX_RACE_ADDRESSES), {
      // sockets from one local port are opened one after the other
      delayMs: localPort === undefined ? this.#init.attemptDelayMs : 0,
      signal,
      open: (candidate, over) => this.#open(candidate, request, over),
      discard: ({ socket }) => socket.destroy(),
      onFailure: (error) => {
        request.onFailure(error)
      }
    })
  }

  async #open(candidate: Candidate, request: DialRequest, signal: AbortSignal): Promise<Opened<Candidate, Dialled>> {
    const { address, target, gated } = candidate
    request.companions.tried(address)
    if (gated !== undefined && (await this.#isDenied(gated, candidate))) {
      throw new AddressDeniedError(gated)
    }
    signal.throwIfAborted()
    if (target.kind === 'name') {
      const endpoints = await this.#resolve(target, signal)
      // a gater that denies addresses of private networks must not be got round by a name for one
      return {
        type: 'resolved',
        candidates: endpoints.map((found) => ({ address, target: found, gated: found.multiaddr, isResolved: true }))
      }
    }
    const socket = await connect(target, {
      signal,
      timeoutMs: this.#init.connectTimeoutMs,
      ...(request.localPort === undefined ? {} : { localPort: request.localPort })
    })
    return { type: 'connected', won: { socket, address } }
  }

  async #isDenied(gated: Multiaddr, { address, isResolved }: Candidate): Promise<boolean> {
    const { gater } = this.#init
    if (gater === undefined) {
      return false
    }
    const denied = isResolved === true ? await gater[resolvedGateSymbol]?.(gated, address) : undefined
    return denied ?? (await gater.denyDialMultiaddr?.(gated)) === true
  }

  async #resolve({ host, family, port, text }: NamedHost, signal: AbortSignal): Promise<IpEndpoint[]> {
    try {
      let found: Awaited<ReturnType<LookUp>> = []
      await settled({ signal }, (done) => {
        this.#lookUp(host, family).then((addresses) => {
          found = addresses
          done()
        }, done)
      })
      if (found.length === 0) {
        throw new NameNotFoundError(host)
      }
      const endpoints = found.map((ip) => ipEndpoint(ip.address, ip.family === 6 ? 6 : 4, port))
      return interleave(endpoints, ({ family }) => family).slice(0, MAX_ADDRESSES_PER_NAME)
    } catch (error) {
      signal.throwIfAborted()
      throw new ConnectFailedError(text, [error])
    }
  }
}

/** Likely ones first; the family that the asked address is not of has its turn first. */
function order(asked: Multiaddr, others: readonly Multiaddr[]): Multiaddr[] {
  const sorted = [...others].sort((a, b) => loopbackAddressLast(a, b) || publicAddressesFirst(a, b))
  return interleave(sorted, isVersion6, !isVersion6(asked))
}

function isVersion6(address: Multiaddr): boolean {
  return address.getComponents().some(({ name }) => name === 'ip6')
}
