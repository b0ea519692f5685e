import { InvalidMessageError } from '@p2pshare/interface'
import type { DatagramAddress } from '@p2pshare/interface'
import { GatewayRefusedError } from './errors.ts'
import { grantedMs, toSeconds } from './lifetime.ts'
import type { GatewayClient, GatewayState, MapRequest, Mapped } from './types.ts'
import { askGateway } from './udp-exchange.ts'
import {
  answersPcpMap,
  decodePcpResponse,
  encodePcpAnnounce,
  encodePcpMap,
  pcpResult,
  PCP_SUCCESS
} from './wire/pcp.ts'
import type { PcpMapRequest, PcpResponse } from './wire/pcp.ts'

const NO_IP = '0.0.0.0'

/** PCP (RFC 6887) with one gateway, for the address `internalIp`. */
export class PcpClient implements GatewayClient {
  readonly method = 'pcp'
  readonly #gateway: DatagramAddress
  readonly #internalIp: string

  constructor(gateway: DatagramAddress, internalIp: string) {
    this.#gateway = gateway
    this.#internalIp = internalIp
  }

  async probe(signal: AbortSignal): Promise<GatewayState> {
    // also "unsupported opcode" is said in PCP, and has the epoch
    const { epochSeconds } = await this.#ask(encodePcpAnnounce(this.#internalIp), () => true, signal)
    return { epochSeconds }
  }

  async map(request: MapRequest, signal: AbortSignal): Promise<Mapped> {
    const { map, lifetimeSeconds, epochSeconds } = await this.#map(
      {
        ...common(request),
        suggestedPort: request.suggestedPort,
        suggestedIp: request.suggestedIp ?? NO_IP,
        lifetimeSeconds: toSeconds(request.lifetimeMs)
      },
      signal
    )
    if (map === undefined || map.externalPort === 0) {
      throw new InvalidMessageError('PCP: a mapping without a port')
    }
    const { externalIp, externalPort } = map
    return { externalIp, externalPort, lifetimeMs: grantedMs(lifetimeSeconds), epochSeconds }
  }

  async unmap(request: MapRequest, _: number, signal: AbortSignal): Promise<void> {
    await this.#map({ ...common(request), suggestedPort: 0, suggestedIp: NO_IP, lifetimeSeconds: 0 }, signal)
  }

  async #map(request: PcpMapRequest, signal: AbortSignal): Promise<PcpResponse> {
    const answer = await this.#ask(encodePcpMap(request), (response) => answersPcpMap(response, request), signal)
    if (answer.result !== PCP_SUCCESS) {
      throw new GatewayRefusedError('PCP', answer.result, pcpResult(answer.result))
    }
    return answer
  }

  async #ask(
    bytes: Uint8Array,
    isAnswer: (response: PcpResponse) => boolean,
    signal: AbortSignal
  ): Promise<PcpResponse> {
    const accept = (answer: Uint8Array): PcpResponse | undefined => {
      const response = decodePcpResponse(answer)
      return isAnswer(response) ? response : undefined
    }
    return askGateway({ bytes, gateway: this.#gateway, internalIp: this.#internalIp, accept }, signal)
  }
}

function common({ internalIp, internalPort, protocol, nonce }: MapRequest): {
  readonly clientIp: string
  readonly internalPort: number
  readonly protocol: MapRequest['protocol']
  readonly nonce: Uint8Array
} {
  return { clientIp: internalIp, internalPort, protocol, nonce }
}
