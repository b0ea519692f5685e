import { P2PShareError } from '@p2pshare/interface'

/** A gateway understood the question and said no. */
export class GatewayRefusedError extends P2PShareError {
  static override readonly name = 'GatewayRefusedError'
  override readonly name = 'GatewayRefusedError'
  readonly code = 'ERR_GATEWAY_REFUSED'
  readonly fault = 'remote'
  override readonly advice = 'switch port mapping (UPnP, NAT-PMP or PCP) on in the router, or forward the port by hand'
  /** The result code of the protocol that was spoken. */
  readonly result: number

  constructor(protocol: string, result: number, meaning: string, options?: ErrorOptions) {
    super(`${protocol}: ${meaning} (${result})`, options)
    this.result = result
  }
}

/** A gateway did not answer in a protocol, or the question could not be sent. */
export class GatewaySilentError extends P2PShareError {
  static override readonly name = 'GatewaySilentError'
  override readonly name = 'GatewaySilentError'
  readonly code = 'ERR_GATEWAY_SILENT'
  readonly fault = 'network'

  constructor(method: string, options?: ErrorOptions) {
    super(`${method}: no answer`, options)
  }
}

/** No way to map a port worked; `causes` says why, one for each that was tried. */
export class NoPortMappingError extends P2PShareError {
  static override readonly name = 'NoPortMappingError'
  override readonly name = 'NoPortMappingError'
  readonly code = 'ERR_NO_PORT_MAPPING'
  readonly fault = 'network'
  override readonly advice = 'switch port mapping (UPnP, NAT-PMP or PCP) on in the router, or forward the port by hand'
  readonly causes: readonly Error[]

  constructor(causes: readonly Error[]) {
    super(
      causes.length === 0 ? 'no gateway to ask' : `no port mapping: ${causes.map(({ message }) => message).join('; ')}`
    )
    this.causes = causes
  }
}
