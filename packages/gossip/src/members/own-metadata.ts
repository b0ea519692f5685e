import type { Libp2pEvents, PeerId, TypedEventTarget } from '@libp2p/interface'
import type { AddressManager } from '@libp2p/interface-internal'
import { InvalidOptionError } from '@p2pshare/interface'
import type { MemberMetadata } from '@p2pshare/interface'
import { MAX_ROLES, MAX_ROLE_LENGTH, MAX_VERSION_LENGTH } from '../wire/limits.ts'
import { encodeMetadata } from '../wire/metadata-codec.ts'
import { keyOf } from './directory.ts'

/** What this node says about itself besides its addresses, which are found. */
export type OwnMetadata = Partial<Omit<MemberMetadata, 'addresses'>>

/** Addresses come in bursts: each address found, each relay, each change of a certificate. */
export const DEBOUNCE_MS = 250

/** A load is in percent. */
const MAX_LOAD = 100

/** What `OwnMetadataSource` works with. */
export interface OwnMetadataInit {
  readonly self: PeerId
  readonly addressManager: Pick<AddressManager, 'getAddresses'>
  readonly events: TypedEventTarget<Libp2pEvents>
  /** Other bytes than the last time. */
  readonly onChange: (bytes: Uint8Array) => void
}

/** Keeps what this node says about itself up to date. */
export class OwnMetadataSource {
  readonly #init: OwnMetadataInit
  #own: OwnMetadata
  #last: Uint8Array | undefined
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(init: OwnMetadataInit, own: OwnMetadata) {
    this.#init = init
    this.#own = checkMetadata(own)
  }

  /** The first bytes; changes are told from here on. */
  start(): Uint8Array {
    this.#init.events.addEventListener('self:peer:update', this.#onAddresses)
    this.#last = this.#encode()
    return this.#last
  }

  stop(): void {
    this.#init.events.removeEventListener('self:peer:update', this.#onAddresses)
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  /** What is not named stays. Throws `InvalidOptionError`. */
  set(changes: OwnMetadata): void {
    this.#own = checkMetadata({ ...this.#own, ...changes })
    this.#tell()
  }

  readonly #onAddresses = (): void => {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      this.#tell()
    }, DEBOUNCE_MS)
  }

  #tell(): void {
    if (this.#last === undefined) {
      return
    }
    const bytes = this.#encode()
    if (keyOf(bytes) !== keyOf(this.#last)) {
      this.#last = bytes
      this.#init.onChange(bytes)
    }
  }

  #encode(): Uint8Array {
    const { self, addressManager } = this.#init
    return encodeMetadata({ roles: [], ...this.#own, addresses: addressManager.getAddresses() }, self)
  }
}

/** Throws `InvalidOptionError`. */
export function checkMetadata(own: OwnMetadata): OwnMetadata {
  const { roles = [], version = '', load = 0 } = own
  if (roles.length > MAX_ROLES || roles.some(({ length }) => length === 0 || length > MAX_ROLE_LENGTH)) {
    throw new InvalidOptionError('roles', `at most ${MAX_ROLES} of 1 to ${MAX_ROLE_LENGTH} characters`)
  }
  if (version.length > MAX_VERSION_LENGTH) {
    throw new InvalidOptionError('version', `at most ${MAX_VERSION_LENGTH} characters`)
  }
  if (!(load >= 0 && load <= MAX_LOAD)) {
    throw new InvalidOptionError('load', `from 0 to ${MAX_LOAD}, not ${load}`)
  }
  return own
}
