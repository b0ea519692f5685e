import type { Bucket, TableContact } from '../../src/table/nearest.ts'

/** A table as kad-dht's: buckets of 20 that split by one bit, down to `bits` of them; what fits nowhere is left out. */
export function trieOf<C extends TableContact>(contacts: readonly C[], bits: number, depth = 0): Bucket<C> {
  if (contacts.length <= 20 || depth === bits) {
    return { peers: contacts.slice(0, 20) }
  }
  const isRight = ({ kadId }: C): boolean => (((kadId[depth >> 3] ?? 0) >> (7 - (depth & 7))) & 1) === 1
  return {
    left: trieOf(
      contacts.filter((contact) => !isRight(contact)),
      bits,
      depth + 1
    ),
    right: trieOf(contacts.filter(isRight), bits, depth + 1)
  }
}

/** Everybody in it. */
export function contactsOf<C extends TableContact>(bucket: Bucket<C>): C[] {
  return 'peers' in bucket ? [...bucket.peers] : [...contactsOf(bucket.left), ...contactsOf(bucket.right)]
}

/** The oracle: sorts all of them by their whole distance. */
export function nearestOfAll<C extends TableContact>(contacts: readonly C[], target: Uint8Array, count: number): C[] {
  const distance = ({ kadId }: C): bigint =>
    kadId.reduce((sum, byte, at) => (sum << 8n) | BigInt(byte ^ (target[at] ?? 0)), 0n)
  return contacts
    .map((contact) => ({ contact, distance: distance(contact) }))
    .sort((a, b) => (a.distance < b.distance ? -1 : 1))
    .slice(0, count)
    .map(({ contact }) => contact)
}
