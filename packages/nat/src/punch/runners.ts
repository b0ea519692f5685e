import type { Connection, Logger, PeerId } from '@libp2p/interface'
import type { ConnectionManager } from '@libp2p/interface-internal'
import type { DatagramEndpoint, LocalPortDialer } from '@p2pshare/interface'
import type { Clock } from './clock.ts'
import { DIAL_TIMEOUT_MS, UDP_TIMEOUT_MS, WEBRTC_TIMEOUT_MS } from './constants.ts'
import { StrategyFailedError } from './errors.ts'
import type { PlanEntry, Step } from './plan.ts'
import type { RandomNumber } from './ports.ts'
import type { ProbeStep } from './probing.ts'
import type { Runner } from './race.ts'
import { dial, tcpAddress, webrtcAddress } from './run/dial.ts'
import { tcpOpen } from './run/tcp-open.ts'
import type { Role } from './types.ts'
import { UdpSession } from './udp-session.ts'
import type { ProbeCodec } from './wire/probe.ts'

/** What the steps of a plan are carried out with. */
export interface RunContext {
  readonly peer: PeerId
  readonly role: Role
  readonly connectionManager: Pick<ConnectionManager, 'openConnection'>
  /** The connection that the ends met over. */
  readonly relayed: Connection
  readonly endpoint: DatagramEndpoint | undefined
  readonly dialer: LocalPortDialer | undefined
  readonly codec: ProbeCodec
  readonly ids: readonly { readonly local: number; readonly remote: number }[]
  /** Resolves when both ends are to dial each other over TCP. */
  readonly go: () => Promise<void>
  readonly mayProbe: () => boolean
  readonly clock: Clock
  readonly random: RandomNumber
  readonly log: Logger
}

type Taken = Extract<PlanEntry, { step: unknown }>

/** What runs for a plan: all probes together, as they share sockets and streams, and each other step by itself. */
export function runnersOf(plan: readonly PlanEntry[], context: RunContext): Runner[] {
  const taken = plan.filter((entry): entry is Taken => 'step' in entry)
  const probes = taken.flatMap((entry) => (isProbe(entry.step) ? [{ entry, step: entry.step }] : []))
  const others = taken.filter(({ step }) => !isProbe(step))
  const runners = others.map((entry) => ({
    entries: [entry],
    run: async (signal: AbortSignal) => {
      await context.clock.sleep(entry.delayMs, signal)
      return runStep(entry.step, context, signal)
    }
  }))
  const { endpoint } = context
  if (probes.length > 0 && endpoint !== undefined && context.ids.length > 0) {
    const steps = probes.map(({ entry: { delayMs }, step }) => ({ step, delayMs }))
    runners.unshift({
      entries: probes.map(({ entry }) => entry),
      run: async (signal) => (await new UdpSession({ ...context, endpoint }).run(steps, signal)).connection
    })
  }
  if (context.role === 'responder') {
    // what the other end does alone has to be waited for
    runners.push({ entries: [], run: async (signal) => wait(context, signal) })
  }
  return runners
}

async function runStep(step: Step, context: RunContext, signal: AbortSignal): Promise<Connection> {
  const { peer, connectionManager, dialer, relayed } = context
  switch (step.type) {
    case 'dial': {
      const addresses = step.targets.map((target) => tcpAddress(target, peer))
      return dial(addresses, { peer, connectionManager, timeoutMs: DIAL_TIMEOUT_MS, signal })
    }
    case 'tcp-open':
      if (dialer === undefined) {
        throw new StrategyFailedError('no transport dials from a chosen port')
      }
      return tcpOpen({
        peer,
        dialer,
        localPort: step.localPort,
        target: step.target,
        initiator: context.role === 'initiator',
        go: context.go(),
        clock: context.clock,
        signal
      })
    case 'webrtc': {
      const address = webrtcAddress(relayed.remoteAddr, peer)
      if (address === undefined) {
        throw new StrategyFailedError('the relayed connection has no address of a relay')
      }
      return dial([address], { peer, connectionManager, timeoutMs: WEBRTC_TIMEOUT_MS, signal })
    }
    default:
      return wait(context, signal)
  }
}

async function wait({ clock }: RunContext, signal: AbortSignal): Promise<Connection> {
  await clock.sleep(UDP_TIMEOUT_MS, signal)
  throw new StrategyFailedError('the peer did not come through')
}

function isProbe(step: Step): step is ProbeStep {
  return step.type === 'probe' || step.type === 'many-sockets' || step.type === 'spray' || step.type === 'sweep'
}
