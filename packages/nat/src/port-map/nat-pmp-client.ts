import { InvalidMessageError } from '@p2pshare/interface'
import type { DatagramAddress } from '@p2pshare/interface'
import { GatewayRefusedError } from './errors.ts'
import { grantedMs, toSeconds } from './lifetime.ts'
import type { GatewayClient, GatewayState, MapRequest, Mapped } from './types.ts'
import { askGateway } from './udp-exchange.ts'
import {
  decodeNatPmpResponse,
  encodeNatPmpAddress,
  encodeNatPmpMap,
  natPmpResult,
  NAT_PMP_SUCCESS
} from './wire/nat-pmp.ts'
import type { NatPmpResponse } from './wire/nat-pmp.ts'

/** NAT-PMP (RFC 6886) with one gateway. */
export class NatPmpClient implements GatewayClient {
  readonly method = 'nat-pmp'
  readonly #gateway: DatagramAddress
  readonly #internalIp: string

  constructor(gateway: DatagramAddress, internalIp: string) {
    this.#gateway = gateway
    this.#internalIp = internalIp
  }

  async probe(signal: AbortSignal): Promise<Required<GatewayState>> {
    const { externalIp, epochSeconds } = await this.#ask(encodeNatPmpAddress(), 'address', signal)
    if (externalIp === undefined) {
      throw new InvalidMessageError('NAT-PMP: no address')
    }
    return { externalIp, epochSeconds }
  }

  async map(request: MapRequest, signal: AbortSignal): Promise<Mapped> {
    const { internalPort, protocol, suggestedPort } = request
    const lifetimeSeconds = toSeconds(request.lifetimeMs)
    const bytes = encodeNatPmpMap({ protocol, internalPort, suggestedPort, lifetimeSeconds })
    // the answer to a mapping does not have the outside address
    const [{ map, epochSeconds }, { externalIp }] = await Promise.all([
      this.#ask(bytes, protocol, signal, internalPort),
      this.probe(signal)
    ])
    if (map === undefined || map.externalPort === 0) {
      throw new InvalidMessageError('NAT-PMP: a mapping without a port')
    }
    return { externalIp, externalPort: map.externalPort, lifetimeMs: grantedMs(map.lifetimeSeconds), epochSeconds }
  }

  async unmap({ internalPort, protocol }: MapRequest, _: number, signal: AbortSignal): Promise<void> {
    const bytes = encodeNatPmpMap({ protocol, internalPort, suggestedPort: 0, lifetimeSeconds: 0 })
    await this.#ask(bytes, protocol, signal, internalPort)
  }

  async #ask(
    bytes: Uint8Array,
    about: NatPmpResponse['about'],
    signal: AbortSignal,
    internalPort?: number
  ): Promise<NatPmpResponse> {
    const accept = (answer: Uint8Array): NatPmpResponse | undefined => {
      const response = decodeNatPmpResponse(answer)
      const isOther = response.map !== undefined && response.map.internalPort !== internalPort
      return response.about !== about || isOther ? undefined : response
    }
    const response = await askGateway({ bytes, gateway: this.#gateway, internalIp: this.#internalIp, accept }, signal)
    if (response.result !== NAT_PMP_SUCCESS) {
      throw new GatewayRefusedError('NAT-PMP', response.result, natPmpResult(response.result))
    }
    return response
  }
}
