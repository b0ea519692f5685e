import { P2PShareError } from '@p2pshare/interface'

/** Others on this machine may read the key of a private network, so it may not be private any more. */
export class NetworkKeyPermissionsError extends P2PShareError {
  static override readonly name = 'NetworkKeyPermissionsError'
  override readonly name = 'NetworkKeyPermissionsError'
  readonly code = 'ERR_NETWORK_KEY_PERMISSIONS'
  readonly fault = 'user'
  readonly path: string
  override readonly advice: string

  constructor(path: string, mode: number, options?: ErrorOptions) {
    super(`${path} can be read by others (mode ${mode.toString(8).padStart(4, '0')})`, options)
    this.path = path
    this.advice = `if nobody else has read it, run: chmod 600 '${path}'; otherwise give the network a new key`
  }
}

/** The file holds no key that a network could be kept private with. The node does not start without it. */
export class InvalidNetworkKeyError extends P2PShareError {
  static override readonly name = 'InvalidNetworkKeyError'
  override readonly name = 'InvalidNetworkKeyError'
  readonly code = 'ERR_INVALID_NETWORK_KEY'
  readonly fault = 'user'
  override readonly advice = 'make a key with: p2pshare network new FILE, and give each node the same'
  readonly path: string

  constructor(path: string, why: string, options?: ErrorOptions) {
    super(`${path} is not the key of a private network: ${why}`, options)
    this.path = path
  }
}

/** A new key is never written over what is there. */
export class NetworkKeyExistsError extends P2PShareError {
  static override readonly name = 'NetworkKeyExistsError'
  override readonly name = 'NetworkKeyExistsError'
  readonly code = 'ERR_NETWORK_KEY_EXISTS'
  readonly fault = 'user'
  override readonly advice = 'name another file, or move this one away'
  readonly path: string

  constructor(path: string, options?: ErrorOptions) {
    super(`${path} is there already`, options)
    this.path = path
  }
}

/** The file of a new key cannot be written. `cause` has the system's own error. */
export class NetworkKeyNotWrittenError extends P2PShareError {
  static override readonly name = 'NetworkKeyNotWrittenError'
  override readonly name = 'NetworkKeyNotWrittenError'
  readonly code = 'ERR_NETWORK_KEY_NOT_WRITTEN'
  readonly fault = 'local'
  override readonly advice = 'name a file in a directory that is there and that you may write to'
  readonly path: string
  /** The system's code: `ENOENT`, `EACCES`, `ENOSPC` ... */
  readonly errno: string

  constructor(path: string, errno: string, options?: ErrorOptions) {
    super(`${errno} for the key file ${path}`, options)
    this.path = path
    this.errno = errno
  }
}
