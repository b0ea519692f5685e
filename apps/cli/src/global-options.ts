import { isIP } from 'node:net'
import { multiaddr } from '@multiformats/multiaddr'
import { Option } from 'commander'
import type { Command } from 'commander'
import { parseDuration } from './duration.ts'
import { UsageError } from './errors.ts'
import { parseRate } from './rate-limit.ts'
import type { ProfileName } from '@p2pshare/core'

/** Options that every command takes. */
export interface GlobalOptions {
  /** Directory for the identity and what is shared; `undefined`: the default one. */
  readonly home?: string
  readonly listen?: readonly string[]
  readonly bootstrap?: readonly string[]
  /** File with the key of the private network to be in. */
  readonly networkKey?: string
  /** Private networks that peers may name addresses of, as `10.0.0.0/8`. */
  readonly allowNetwork?: readonly string[]
  readonly json: boolean
  readonly quiet: boolean
  readonly timeoutMs?: number
  readonly mdns: boolean
  readonly profile?: ProfileName
  /** Bytes a second to all peers together; `undefined`: no limit. */
  readonly limitUp?: number
  /** Bytes a second from all peers together. */
  readonly limitDown?: number
}

/** More addresses than a person types; each one costs a socket or a dial. */
export const MAX_ADDRESSES = 64

const PROFILE_NAMES: readonly ProfileName[] = ['unixfs-v1-2025', 'unixfs-v0-2015']

const ENV_PREFIX = 'P2PSHARE_'

/** Flags that take no value: set in the environment, they count unless the value says no. */
const BOOLEAN_ENV: readonly string[] = ['JSON', 'QUIET', 'NO_MDNS']

/** Give a program the options that every command takes. */
export function addGlobalOptions(program: Command): Command {
  const options = [
    new Option('--home <dir>', 'directory for the identity and the list of shares').env(`${ENV_PREFIX}HOME`),
    new Option('--listen <addr>', 'multiaddr to listen on (repeatable; in the environment, comma-separated)')
      .argParser(collectAddresses)
      .env(`${ENV_PREFIX}LISTEN`),
    new Option('--bootstrap <addr>', 'multiaddr of a node to join through (repeatable)')
      .argParser(collectAddresses)
      .env(`${ENV_PREFIX}BOOTSTRAP`),
    new Option('--network-key <file>', 'be in the private network of this key only').env(`${ENV_PREFIX}NETWORK_KEY`),
    new Option('--allow-network <cidr>', 'dial addresses of this private network that peers name (repeatable)')
      .argParser(collectNetworks)
      .env(`${ENV_PREFIX}ALLOW_NETWORK`),
    new Option('--timeout <duration>', 'how long to look for peers and to wait for bytes (30s, 2m, 1m30s)').env(
      `${ENV_PREFIX}TIMEOUT`
    ),
    new Option('--profile <name>', 'IPIP-499 profile that decides the CID (share, id)')
      .choices(PROFILE_NAMES)
      .env(`${ENV_PREFIX}PROFILE`),
    new Option('--limit-up <rate>', 'send at most this many bytes a second (512K, 4M, 1.5G)')
      .argParser(parseRate)
      .env(`${ENV_PREFIX}LIMIT_UP`),
    new Option('--limit-down <rate>', 'receive at most this many bytes a second')
      .argParser(parseRate)
      .env(`${ENV_PREFIX}LIMIT_DOWN`),
    new Option('--no-mdns', 'do not look for peers on the local network').env(`${ENV_PREFIX}NO_MDNS`),
    new Option('--json', 'one JSON object a line on stdout, nothing on stderr').env(`${ENV_PREFIX}JSON`),
    new Option('-q, --quiet', 'no hints and no progress').env(`${ENV_PREFIX}QUIET`)
  ]
  for (const option of options) {
    program.addOption(option)
  }
  return program
}

/** Commander's values as `GlobalOptions`; throws `UsageError` for a value that cannot work. */
export function toGlobalOptions(values: Readonly<Record<string, unknown>>): GlobalOptions {
  const { home, listen, bootstrap, networkKey, allowNetwork, timeout, profile, limitUp, limitDown } = values as {
    home?: string
    listen?: readonly string[]
    bootstrap?: readonly string[]
    networkKey?: string
    allowNetwork?: readonly string[]
    timeout?: string
    profile?: ProfileName
    limitUp?: number
    limitDown?: number
  }
  if (home === '') {
    throw new UsageError('--home is empty', 'name a directory')
  }
  if (networkKey === '') {
    throw new UsageError('--network-key is empty', 'name a file, or make one with: p2pshare network new FILE')
  }
  return {
    ...(home === undefined ? {} : { home }),
    ...(listen === undefined ? {} : { listen }),
    ...(bootstrap === undefined ? {} : { bootstrap }),
    ...(networkKey === undefined ? {} : { networkKey }),
    ...(allowNetwork === undefined ? {} : { allowNetwork }),
    ...(timeout === undefined ? {} : { timeoutMs: parseDuration(timeout) }),
    ...(profile === undefined ? {} : { profile }),
    ...(limitUp === undefined ? {} : { limitUp }),
    ...(limitDown === undefined ? {} : { limitDown }),
    json: values['json'] === true,
    quiet: values['quiet'] === true,
    mdns: values['mdns'] !== false
  }
}

/** Names of boolean variables whose value says no (`0`, `false`, `no`, `off`, empty): to be treated as not set. */
export function unsetFlags(env: Readonly<Record<string, string | undefined>>): string[] {
  return BOOLEAN_ENV.map((name) => ENV_PREFIX + name).filter((name) => /^(0|false|no|off|)$/i.test(env[name] ?? '1'))
}

/** Whether errors of the command line itself are to be JSON: they happen before options are known. */
export function wantsJson(argv: readonly string[], env: Readonly<Record<string, string | undefined>>): boolean {
  const end = argv.indexOf('--')
  return (
    (end === -1 ? argv : argv.slice(0, end)).includes('--json') ||
    (env[`${ENV_PREFIX}JSON`] !== undefined && !unsetFlags(env).includes(`${ENV_PREFIX}JSON`))
  )
}

function collectAddresses(text: string, previous: readonly string[] = []): string[] {
  return collect(text, previous, (address) => {
    try {
      multiaddr(address)
    } catch (cause) {
      throw new UsageError(`'${address}' is not a multiaddr`, 'write it as /ip4/127.0.0.1/tcp/4001', { cause })
    }
  })
}

function collectNetworks(text: string, previous: readonly string[] = []): string[] {
  return collect(text, previous, (network) => {
    const [host = '', bits = ''] = network.split('/')
    if (isIP(host) === 0 || !/^\d{1,3}$/.test(bits) || Number(bits) > (isIP(host) === 4 ? 32 : 128)) {
      throw new UsageError(`'${network}' is not a network`, 'write it as 10.0.0.0/8')
    }
  })
}

function collect(text: string, previous: readonly string[], check: (part: string) => void): string[] {
  const parts = text.split(/[\s,]+/).filter((part) => part !== '')
  parts.forEach(check)
  const all = [...previous, ...parts]
  if (all.length > MAX_ADDRESSES) {
    throw new UsageError(`more than ${MAX_ADDRESSES} addresses`, 'name the ones that matter')
  }
  return all
}
