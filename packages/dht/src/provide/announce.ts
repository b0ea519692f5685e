import { unwatched } from '../lookup/trace.ts'
import type { Emit } from '../lookup/trace.ts'
import type { LookupResult } from '../lookup/lookup-run.ts'
import type { Network } from '../network.ts'
import { positionOfKey } from '../rpc/contacts.ts'
import type { DhtContact } from '../rpc/contacts.ts'
import { FINDABLE_ACKS, ackState } from '../rules/ack-state.ts'
import { SMALL_NETWORK } from '../rules/holders-for.ts'
import { distanceOf } from '../rules/position.ts'
import { MessageType } from '../wire/messages.ts'

/** What one announcement achieved. */
export type AnnounceResult = Pick<LookupResult, 'holders' | 'answered' | 'failed' | 'state' | 'alarm'>

/** How to announce. */
export interface AnnounceOrder {
  readonly key: Uint8Array
  /** Ends it. Records on their way are left to arrive, until `shutdown`. */
  readonly signal: AbortSignal
  readonly shutdown: AbortSignal
  /** Once, as soon as others can find the record. */
  readonly onFindable?: (holders: readonly DhtContact[]) => void
  readonly emit?: Emit
}

/**
 * Put a record of this node at the holders of `key`: at everybody's in a small network whose members are known, else
 * where a walk leads. Never rejects.
 */
export async function announce(network: Network, order: AnnounceOrder): Promise<AnnounceResult> {
  const view = network.view(positionOfKey(order.key))
  if (view !== undefined && view.members <= SMALL_NETWORK) {
    const result = await tellAll(network, view.holders, order)
    if (result.holders.length >= Math.min(FINDABLE_ACKS, view.members)) {
      return result
    }
  }
  return network.lookup({ kind: 'provide', type: MessageType.FIND_NODE, ...order })
}

/** No lookup: with so few, finding is asking anybody. */
async function tellAll(
  network: Network,
  members: readonly DhtContact[],
  { key, shutdown, onFindable, emit = unwatched }: AnnounceOrder
): Promise<AnnounceResult> {
  const holders: DhtContact[] = []
  const failed = new Map<string, DhtContact>()
  let isFindable = false
  network.meter.count('provides')
  emit({ name: 'start', kind: 'provide', seeds: members.length, nodes: members.length, from: 'view' })
  await Promise.all(
    members.map(async (contact) => {
      network.meter.count('messages')
      emit({ name: 'put', peer: contact.id, distance: distanceOf(contact.position, positionOfKey(key)) })
      const outcome = await network.rpc.put(contact, [key], { signal: shutdown })
      if (outcome.ok) {
        holders.push(contact)
        emit({ name: 'acked', peer: contact.id, tookMs: outcome.tookMs, acks: holders.length })
      } else {
        failed.set(contact.key, contact)
        network.meter.count(outcome.why === 'timeout' ? 'timeouts' : 'failures')
        emit({ name: 'failed', peer: contact.id, tookMs: outcome.tookMs, why: outcome.why })
      }
      const enough = Math.min(FINDABLE_ACKS, members.length - failed.size)
      if (!isFindable && holders.length > 0 && holders.length >= enough) {
        isFindable = true
        emit({ name: 'findable', acks: holders.length })
        onFindable?.(holders)
      }
    })
  )
  const state = ackState({ acks: holders.length, holders: members.length - failed.size })
  const why = state === 'complete' ? 'complete' : 'exhausted'
  emit({ name: 'end', why, messages: members.length, acks: holders.length })
  return {
    holders,
    answered: new Map(holders.map((contact) => [contact.key, contact])),
    failed,
    state,
    alarm: false
  }
}
