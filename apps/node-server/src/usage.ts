/** How the process ends; the same numbers as those of `p2pshare`. */
export const EXIT_CODES = Object.freeze({ ok: 0, internal: 1, usage: 2, network: 5, disk: 7 })

/** The node's own error and the system's for a socket that cannot listen. */
const LISTEN_CODES: readonly string[] = ['ERR_LISTEN', 'EADDRINUSE', 'EADDRNOTAVAIL']

const DISK_CODES: readonly string[] = ['ERR_DISK', 'ERR_DATA_DIRECTORY', 'ERR_INVALID_IDENTITY']

/** The exit code for an error that ended the start. */
export function exitCodeOf(error: unknown): number {
  const { code, fault, name } = (typeof error === 'object' && error !== null ? error : {}) as Record<string, unknown>
  if (fault === 'user') {
    return EXIT_CODES.usage
  }
  if (typeof code === 'string' && DISK_CODES.includes(code)) {
    return EXIT_CODES.disk
  }
  const listening = typeof name === 'string' && name.startsWith('UnsupportedListenAddress')
  return listening || (typeof code === 'string' && LISTEN_CODES.includes(code)) || fault === 'network'
    ? EXIT_CODES.network
    : EXIT_CODES.internal
}

/** What `--help` prints. */
export function helpText(variables: Iterable<string>): string {
  return `Usage: p2pshare-node-server [--config FILE]

Run a P2PShare bootstrap, relay and seed node until SIGTERM or Ctrl-C.

Options:
  --config FILE   JSON configuration (or P2PSHARE_SERVER_CONFIG)
  --version       print the version
  --help          print this help

Environment, stronger than the file (lists are separated by commas):
${[...variables].map((name) => `  ${name}`).join('\n')}

One line of JSON on stdout says when it is ready; logs are lines of JSON on stderr.
`
}
