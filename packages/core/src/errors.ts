import { P2PShareError } from '@p2pshare/interface'

/** Others on this machine may read the private key, so it may not be private any more. */
export class IdentityPermissionsError extends P2PShareError {
  static override readonly name = 'IdentityPermissionsError'
  override readonly name = 'IdentityPermissionsError'
  readonly code = 'ERR_IDENTITY_PERMISSIONS'
  readonly fault = 'user'
  readonly path: string
  override readonly advice: string

  constructor(path: string, mode: number, options?: ErrorOptions) {
    super(`${path} can be read by others (mode ${mode.toString(8).padStart(4, '0')})`, options)
    this.path = path
    this.advice = `if nobody else has read it, run: chmod 600 '${path}'; otherwise delete it to get a new identity`
  }
}

/** The identity file holds no private key that this version can use. It is never overwritten. */
export class InvalidIdentityError extends P2PShareError {
  static override readonly name = 'InvalidIdentityError'
  override readonly name = 'InvalidIdentityError'
  readonly code = 'ERR_INVALID_IDENTITY'
  readonly fault = 'local'
  override readonly advice = 'put back a copy of the file, or move it away to start with a new peer id'
  readonly path: string

  constructor(path: string, why: string, options?: ErrorOptions) {
    super(`${path} is not a private key: ${why}`, options)
    this.path = path
  }
}

/** The data directory cannot be created, read or written. `cause` has the system's own error. */
export class DataDirectoryError extends P2PShareError {
  static override readonly name = 'DataDirectoryError'
  override readonly name = 'DataDirectoryError'
  readonly code = 'ERR_DATA_DIRECTORY'
  readonly fault = 'local'
  override readonly advice = 'choose another directory with --home, or make this one writable'
  readonly path: string
  /** The system's code: `EACCES`, `ENOSPC`, `ENOTDIR` ... */
  readonly errno: string

  constructor(path: string, errno: string, options?: ErrorOptions) {
    super(`${errno} in the data directory ${path}`, options)
    this.path = path
    this.errno = errno
  }
}

/** None of the transports could listen on an address that was asked for. */
export class ListenError extends P2PShareError {
  static override readonly name = 'ListenError'
  override readonly name = 'ListenError'
  readonly code = 'ERR_LISTEN'
  readonly fault = 'local'
  override readonly advice = 'another program may use the port: listen on another one, or on port 0 for any'
  readonly addresses: readonly string[]

  constructor(addresses: readonly string[], options?: ErrorOptions & { readonly reason?: string }) {
    super(options?.reason ?? `cannot listen on ${addresses.join(', ')}`, options)
    this.addresses = addresses
  }
}
