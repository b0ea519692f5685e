import { networkInterfaces } from 'node:os'

/** The addresses of this machine as one text, in an order that does not change. */
export function readInterfaces(): string {
  return Object.entries(networkInterfaces())
    .flatMap(([name, addresses]) => (addresses ?? []).map(({ cidr, address }) => `${name} ${cidr ?? address}`))
    .sort()
    .join('\n')
}
