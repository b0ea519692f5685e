import type { Multiaddr } from '@multiformats/multiaddr'
import { groupOf, transportClass } from './address-class.ts'
import { RELAY_DELAY_MS, SAME_RELAY_DELAY_MS, STAGGER_MS } from './constants.ts'

/** When one address of a peer is dialled at the latest, counted from the start. */
export interface PlannedDial {
  readonly address: Multiaddr
  readonly atMs: number
}

/**
 * One address after the other, each a little later than the one before, in the order given (`sortAddresses` gave it);
 * those of a class in `last` after all others. Relays have a row of their own, which begins at once when nothing but
 * addresses of some private network, perhaps not ours, is there to be tried beside them. A second address of the same relay
 * leads through the same connection to it mostly, and waits for the first to come to nothing. Pure.
 */
export function planDials(addresses: readonly Multiaddr[], last: ReadonlySet<string>): PlannedDial[] {
  const isLast = (address: Multiaddr): boolean => last.has(transportClass(address) ?? '')
  const relays = addresses.filter((address) => groupOf(address) === 'relay')
  const direct = addresses.filter((address) => groupOf(address) !== 'relay' && !isLast(address))
  const hopeful = direct.some((address) => groupOf(address) !== 'lan')
  const seen = new Set<string>()
  const [firsts, seconds] = [[] as Multiaddr[], [] as Multiaddr[]]
  for (const address of relays) {
    const relay = relayOf(address) ?? address.toString()
    ;(seen.has(relay) ? seconds : firsts).push(address)
    seen.add(relay)
  }
  const relayAt = hopeful ? RELAY_DELAY_MS : 0
  const again = inARow(seconds, relayAt + SAME_RELAY_DELAY_MS)
  const dials = [...inARow(direct, 0), ...inARow(firsts, relayAt), ...again]
  const end = dials.length === 0 ? 0 : Math.max(...dials.map(({ atMs }) => atMs)) + STAGGER_MS
  return [...dials.toSorted((a, b) => a.atMs - b.atMs), ...inARow(addresses.filter(isLast), end)]
}

/** The relay that a circuit leads through. */
function relayOf(address: Multiaddr): string | undefined {
  return address.getComponents().find(({ name }) => name === 'p2p')?.value
}

function inARow(addresses: readonly Multiaddr[], fromMs: number): PlannedDial[] {
  return addresses.map((address, index) => ({ address, atMs: fromMs + index * STAGGER_MS }))
}
