import type { Connection } from '@libp2p/interface'
import { toRemoteEnd } from '../prober/remote-host.ts'
import type { RemoteEnd } from '../prober/remote-host.ts'
import type { Strategy } from '../types.ts'
import type { HostClass } from './host-class.ts'
import type { PlanEntry, Step } from './plan.ts'

/** Which strategy of a plan a connection came about by, as far as its address tells. Pure. */
export function strategyOf(
  { remoteAddr, direction }: Pick<Connection, 'remoteAddr' | 'direction'>,
  entries: readonly PlanEntry[],
  classify: (host: string) => HostClass
): Strategy {
  if (remoteAddr.getComponents().some(({ name }) => name === 'webrtc')) {
    return 'webrtc'
  }
  const end = toRemoteEnd(remoteAddr)
  if (end === undefined) {
    return 'public' // by a name, say
  }
  const exact = entries.find((entry) => 'step' in entry && leadsTo(entry.step, end))
  if (exact !== undefined) {
    return exact.strategy
  }
  if (classify(end.host) === 'private') {
    return 'lan'
  }
  if (end.host.includes(':')) {
    return 'ipv6'
  }
  const taken = (wanted: readonly Strategy[]): Strategy | undefined =>
    entries.find((entry) => 'step' in entry && wanted.includes(entry.strategy))?.strategy
  if (end.transport === 'udp') {
    return taken(['birthday', 'port-pool', 'udp-punch']) ?? 'udp-punch'
  }
  return direction === 'inbound' ? (taken(['reversal', 'tcp-simultaneous-open']) ?? 'public') : 'public'
}

function leadsTo(step: Step, { host, port, transport }: RemoteEnd): boolean {
  switch (step.type) {
    case 'probe':
      return transport === 'udp' && step.targets.some((target) => target.host === host && target.port === port)
    case 'dial':
      return transport === 'tcp' && step.targets.some((target) => target.host === host && target.port === port)
    case 'tcp-open':
      return transport === 'tcp' && step.target.host === host && step.target.port === port
    case 'many-sockets':
      return transport === 'udp' && step.target.host === host && step.target.port === port
    case 'spray':
    case 'sweep':
      return transport === 'udp' && step.host === host
    case 'webrtc':
    case 'wait':
      return false
  }
}
