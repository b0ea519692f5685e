import type { StallCause, StallRemedy, TransferEvent } from '@p2pshare/core'
import { printable } from './printable.ts'
import { count, formatSeconds } from './units.ts'

type Stalled = Extract<TransferEvent, { type: 'stalled' }>

const CAUSES: Readonly<Record<StallCause, string>> = Object.freeze({
  'no-peer': 'nobody has it',
  unreachable: 'unreachable',
  choked: 'no slot',
  slow: 'too slow',
  'relay-limit': 'limit of the relay',
  'rate-limit': 'own limit',
  disk: 'disk'
})

/** One line: for how long nothing came by now, why, and what is tried. */
export function stallLine({ cause, detail, trying }: Pick<Stalled, 'cause' | 'detail' | 'trying'>, ms: number): string {
  const line = `waiting  ${formatSeconds(ms / 1000)} without a byte  ${CAUSES[cause]}: ${printable(detail)}`
  return trying.length === 0 ? line : `${line}  (${trying.map(remedyText).join(', ')})`
}

function remedyText(remedy: StallRemedy): string {
  switch (remedy.type) {
    case 'search':
      return 'looking for others'
    case 'dial':
      return `dialling ${count(remedy.peers, 'peer')}`
    case 'reconnect':
      return `trying ${count(remedy.peers, 'peer')} again in ${seconds(remedy.inMs)}`
    case 'wait-slot':
      return 'waiting for a slot'
    case 'wait-bytes':
      return `waiting for ${count(remedy.peers, 'peer')}`
    case 'wait-cap':
      return `going on in ${seconds(remedy.inMs)}`
    case 'wait-disk':
      return remedy.inMs === undefined ? 'waiting for the disk' : `asking again in ${seconds(remedy.inMs)}`
  }
}

function seconds(ms: number): string {
  return formatSeconds(Math.ceil(ms / 1000))
}
