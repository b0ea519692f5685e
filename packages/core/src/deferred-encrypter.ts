import { serviceCapabilities } from '@libp2p/interface'
import type { ConnectionEncrypter } from '@libp2p/interface'

/**
 * An encrypter whose code is loaded by the first connection that wants it: most nodes never meet such a peer, and
 * loading it takes a good part of their start. libp2p keeps what arrives meanwhile.
 */
export function deferredEncrypter<Components>(
  protocol: string,
  load: () => Promise<(components: Components) => ConnectionEncrypter>
): (components: Components) => ConnectionEncrypter {
  return (components) => {
    let loading: Promise<ConnectionEncrypter> | undefined
    const encrypter = async (): Promise<ConnectionEncrypter> =>
      (loading ??= load().then((create) => create(components)))
    return {
      protocol,
      [serviceCapabilities]: ['@libp2p/connection-encryption'],
      secureInbound: async (connection, options) => (await encrypter()).secureInbound(connection, options),
      secureOutbound: async (connection, options) => (await encrypter()).secureOutbound(connection, options)
    } satisfies ConnectionEncrypter & Record<typeof serviceCapabilities, string[]>
  }
}
