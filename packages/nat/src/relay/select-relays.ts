import type { RelayEntry } from './relay-state.ts'

/**
 * Which relays to ask for a place, best first, at most `count`: those that were configured, then those in networks where
 * no place is held yet, then those with the shortest round trip. Pure.
 */
export function selectRelays(
  candidates: readonly RelayEntry[],
  held: readonly Pick<RelayEntry, 'network'>[],
  count: number
): string[] {
  const networks = new Set(held.flatMap(({ network }) => network ?? []))
  const left = [...candidates]
  const selected: string[] = []
  while (selected.length < count && left.length > 0) {
    const [next] = left.toSorted((a, b) => compare(a, b, networks))
    if (next === undefined) {
      break
    }
    left.splice(left.indexOf(next), 1)
    selected.push(next.id)
    if (next.network !== undefined) {
      networks.add(next.network)
    }
  }
  return selected
}

function compare(a: RelayEntry, b: RelayEntry, networks: ReadonlySet<string>): number {
  return (
    Number(b.configured) - Number(a.configured) ||
    Number(isTaken(a, networks)) - Number(isTaken(b, networks)) ||
    // one that failed before comes after those that did not
    a.failures - b.failures ||
    (a.rttMs ?? Infinity) - (b.rttMs ?? Infinity) ||
    (a.id < b.id ? -1 : 1)
  )
}

function isTaken({ network }: RelayEntry, networks: ReadonlySet<string>): boolean {
  return network !== undefined && networks.has(network)
}
