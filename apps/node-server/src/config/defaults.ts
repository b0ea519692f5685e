import envPaths from 'env-paths'
import type { Config, ConfigInput } from './schema.ts'

/** The second port that STUN is answered at: fixed, since firewalls have to let it in; beside the first one. */
export const STUN_OTHER_PORT = 7072

/** What a key that is not configured is worth. */
export const DEFAULTS: Readonly<Omit<Config, 'home'>> = Object.freeze({
  // fixed, since others write it down as a bootstrap address; beside the HTTP port, and no other service's default. STUN is
  // answered on the UDP port
  listen: Object.freeze([
    '/ip4/0.0.0.0/tcp/7071',
    '/ip6/::/tcp/7071',
    '/ip4/0.0.0.0/udp/7071/utp',
    '/ip6/::/udp/7071/utp'
  ]),
  announce: Object.freeze([]),
  bootstrap: Object.freeze([]),
  allowNetworks: Object.freeze([]),
  mdns: true,
  http: Object.freeze({ host: '127.0.0.1', port: 7070, allowRemote: false, allowedHosts: Object.freeze([]) }),
  relay: Object.freeze({ enabled: true }),
  stun: Object.freeze({}),
  limits: Object.freeze({}),
  scrub: Object.freeze({}),
  shares: Object.freeze([]),
  log: Object.freeze({ level: 'info' })
})

/** The same place as that of `p2pshare`. */
export function defaultHome(): string {
  return envPaths('p2pshare', { suffix: '' }).data
}

/** Who lets the system choose the port that is listened on has no use for a fixed second one. */
export function stunOtherPort({ listen, stun }: Pick<Config, 'listen' | 'stun'>): number {
  return stun.otherPort ?? (listen.some((address) => /\/udp\/[1-9]/.test(address)) ? STUN_OTHER_PORT : 0)
}

/** A complete configuration from what was written. */
export function withDefaults(input: ConfigInput): Config {
  const { home = defaultHome(), listen, announce, bootstrap, networkKey, allowNetworks, mdns, shares } = input
  return {
    home,
    listen: listen ?? DEFAULTS.listen,
    announce: announce ?? DEFAULTS.announce,
    bootstrap: bootstrap ?? DEFAULTS.bootstrap,
    ...(networkKey === undefined ? {} : { networkKey }),
    allowNetworks: allowNetworks ?? DEFAULTS.allowNetworks,
    mdns: mdns ?? DEFAULTS.mdns,
    http: { ...DEFAULTS.http, ...input.http },
    relay: { ...DEFAULTS.relay, ...input.relay },
    stun: { ...input.stun },
    limits: { ...input.limits },
    scrub: { ...input.scrub },
    shares: shares ?? DEFAULTS.shares,
    log: { ...DEFAULTS.log, ...input.log }
  }
}
