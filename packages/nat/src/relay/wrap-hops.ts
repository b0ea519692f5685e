import type { StreamHandler } from '@libp2p/interface'
import type { Registrar } from '@libp2p/interface-internal'
import { override } from '../standard/override.ts'
import { HOP_PROTOCOL } from './constants.ts'

/** A registrar whose handler for those who ask for places and circuits is `wrap` of the one it is given. */
export function wrapHops(registrar: Registrar, wrap: (handler: StreamHandler) => StreamHandler): Registrar {
  return override(registrar, {
    handle: async (protocol, handler, options) =>
      registrar.handle(protocol, protocol === HOP_PROTOCOL ? wrap(handler) : handler, options)
  })
}
