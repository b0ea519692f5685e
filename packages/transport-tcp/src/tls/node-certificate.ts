import { createSecureContext } from 'node:tls'
import type { SecureContext } from 'node:tls'
import type { PrivateKey } from '@libp2p/interface'
import { CERTIFICATE_RENEW_BEFORE_MS } from './constants.ts'
import { generateCertificate, toPem } from './generate.ts'

interface Ready {
  readonly context: SecureContext
  readonly notAfter: number
}

/**
 * The one certificate of a node, made when it is first asked for and used for every connection until half of its life is
 * over. The specification allows both this and one for each connection; go-libp2p too makes one for each identity. It
 * saves each handshake a key pair, two signatures and an OpenSSL context, and gives nothing away: TLS 1.3 sends
 * certificates encrypted, to peers that learn the node's identity from them anyway.
 */
export class NodeCertificate {
  readonly #privateKey: PrivateKey
  readonly #now: () => number
  #making: Promise<Ready> | undefined
  #ready: Ready | undefined

  constructor(privateKey: PrivateKey, now: () => number = Date.now) {
    this.#privateKey = privateKey
    this.#now = now
  }

  /** What TLS sockets of this node are made with: TLS 1.3 only. */
  async context(): Promise<SecureContext> {
    const now = this.#now()
    if (this.#ready !== undefined && now < this.#ready.notAfter - CERTIFICATE_RENEW_BEFORE_MS) {
      return this.#ready.context
    }
    // not ended by anybody's signal: others wait for the same one
    this.#making ??= this.#make(now).finally(() => {
      this.#making = undefined
    })
    return (await this.#making).context
  }

  async #make(now: number): Promise<Ready> {
    const { certificate, privateKey, notAfter } = await generateCertificate(this.#privateKey, { now })
    const context = createSecureContext({
      cert: toPem(certificate),
      key: privateKey,
      minVersion: 'TLSv1.3',
      maxVersion: 'TLSv1.3'
    })
    this.#ready = { context, notAfter }
    return this.#ready
  }
}

const certificates = new WeakMap<PrivateKey, NodeCertificate>()

/** The certificate of the node that has this key: libp2p connections and bulk channels share it. */
export function nodeCertificate(privateKey: PrivateKey): NodeCertificate {
  let found = certificates.get(privateKey)
  if (found === undefined) {
    found = new NodeCertificate(privateKey)
    certificates.set(privateKey, found)
  }
  return found
}
