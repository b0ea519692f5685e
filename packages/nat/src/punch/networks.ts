import { networkInterfaces } from 'node:os'
import type { OwnNetwork } from './admit.ts'

/** The networks that this machine is in, without loopback and link-local ones. */
export function systemNetworks(): OwnNetwork[] {
  return Object.values(networkInterfaces())
    .flatMap((all) => all ?? [])
    .filter(({ internal, cidr, address }) => !internal && cidr !== null && !address.startsWith('fe80'))
    .map(({ address, family, cidr }) => ({
      host: address,
      family: family === 'IPv6' ? 6 : 4,
      prefix: Number(cidr?.split('/')[1] ?? 0)
    }))
}
