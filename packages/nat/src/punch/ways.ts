import type { Strategy } from '../types.ts'

/** Every way there is. Their numbers on the wire are their places, from 1: append only. */
export const ALL_STRATEGIES: readonly Strategy[] = Object.freeze([
  'lan',
  'ipv6',
  'public',
  'mapped',
  'reversal',
  'udp-punch',
  'birthday',
  'port-pool',
  'tcp-simultaneous-open',
  'webrtc'
])
