import { P2PShareError } from '@p2pshare/interface'

/** The command line or an environment variable says something that cannot work. */
export class UsageError extends P2PShareError {
  static override readonly name = 'UsageError'
  override readonly name = 'UsageError'
  readonly code = 'ERR_USAGE'
  readonly fault = 'user'
  override readonly advice: string

  constructor(message: string, advice = 'see p2pshare --help', options?: ErrorOptions) {
    super(message, options)
    this.advice = advice
  }
}

/** What `daemon` starts is not installed or did not start. */
export class DaemonStartError extends P2PShareError {
  static override readonly name = 'DaemonStartError'
  override readonly name = 'DaemonStartError'
  readonly code = 'ERR_DAEMON_START'
  readonly fault = 'local'
  override readonly advice =
    'install @p2pshare/node-server beside this package (in the repository: npm ci && npm run build)'
}

/** `find` ended without a provider. */
export class NobodyFoundError extends P2PShareError {
  static override readonly name = 'NobodyFoundError'
  override readonly name = 'NobodyFoundError'
  readonly code = 'ERR_CONTENT_NOT_FOUND'
  readonly fault = 'network'
  override readonly advice = 'check that the sender is running, and name a node that both know with --bootstrap'

  constructor(source: string) {
    super(`nobody serving ${source} was found`)
  }
}

/** `dht provide` ended, and nobody took a record. */
export class NotAnnouncedError extends P2PShareError {
  static override readonly name = 'NotAnnouncedError'
  override readonly name = 'NotAnnouncedError'
  readonly code = 'ERR_NOT_ANNOUNCED'
  readonly fault = 'network'
  override readonly advice =
    'name a node to join through with --bootstrap; see p2pshare doctor for who can reach this one'

  constructor(source: string) {
    super(`nobody took a record of ${source}`)
  }
}

/** A path to share that is not there. */
export class NoSuchPathError extends P2PShareError {
  static override readonly name = 'NoSuchPathError'
  override readonly name = 'NoSuchPathError'
  readonly code = 'ERR_NO_SUCH_PATH'
  readonly fault = 'user'
  override readonly advice = 'check the spelling; nothing has been shared'

  constructor(path: string) {
    super(`there is nothing to read at ${path}`)
  }
}

/** Nothing was found, and no node to join through has answered: that is why. */
export class BootstrapUnreachableError extends P2PShareError {
  static override readonly name = 'BootstrapUnreachableError'
  override readonly name = 'BootstrapUnreachableError'
  readonly code = 'ERR_BOOTSTRAP_UNREACHABLE'
  readonly fault = 'network'
  override readonly advice = 'check that the node is running, and that its address is the one of --bootstrap'

  constructor(addresses: readonly string[], options?: ErrorOptions) {
    super(`no answer from ${addresses.join(', ')}`, options)
  }
}

/** A peer that was asked about is not reached, whatever was tried. */
export class PeerUnreachableError extends P2PShareError {
  static override readonly name = 'PeerUnreachableError'
  override readonly name = 'PeerUnreachableError'
  readonly code = 'ERR_PEER_UNREACHABLE'
  readonly fault = 'network'
  override readonly advice =
    'check that it is running; give its whole address, or name a node that both know with --bootstrap'

  constructor(peer: string, options?: ErrorOptions) {
    super(`cannot reach ${peer}`, options)
  }
}
