import type { DatagramAddress, DatagramEndpoint, DatagramSocket } from '@p2pshare/interface'
import type { Clock } from './clock.ts'
import {
  BIRTHDAY_REPEAT_MS,
  MAX_SENDS_PER_TURN,
  PROBE_INTERVAL_MS,
  PROBE_SLOW_INTERVAL_MS,
  PROBE_TRAIN_MS,
  SPRAY_PER_SECOND
} from './constants.ts'
import type { Step } from './plan.ts'
import { shuffled, sprayPorts } from './ports.ts'
import type { RandomNumber } from './ports.ts'

/** What sending the probes of a step takes. */
export interface ProbingContext {
  readonly endpoint: Pick<DatagramEndpoint, 'sockets' | 'open'>
  readonly clock: Clock
  readonly random: RandomNumber
  /** Ends all sending. */
  readonly signal: AbortSignal
  /** Sends one probe; `false`: no more may be sent. */
  readonly send: (socket: DatagramSocket, to: DatagramAddress) => boolean
  /** A socket was opened: what comes in on it has to be looked at. */
  readonly onOpen: (socket: DatagramSocket) => void
}

/** Steps that send probes. */
export type ProbeStep = Extract<Step, { type: 'probe' | 'many-sockets' | 'spray' | 'sweep' }>

/** Sends the probes of one step until all are sent or the signal is aborted; how many it sent. */
export async function sendProbes(step: ProbeStep, context: ProbingContext): Promise<number> {
  switch (step.type) {
    case 'probe':
      return train(step.targets, context)
    case 'many-sockets':
      return manySockets(step.target, step.sockets, context)
    case 'spray': {
      const ports = sprayPorts(step.pool, context.random)
      const [socket] = listening(context, familyOf(step.host))
      return socket === undefined
        ? 0
        : paced(first(ports, step.probes), (port) => [socket, at(step.host, port)], context)
    }
    case 'sweep':
      return sweep(step, context)
  }
}

/** At short intervals first, then at long ones for as long as it takes. */
async function train(targets: readonly DatagramAddress[], context: ProbingContext): Promise<number> {
  const { clock, signal } = context
  const begun = clock.now()
  let sent = 0
  for (;;) {
    for (const target of targets) {
      for (const socket of listening(context, familyOf(target.host))) {
        if (!context.send(socket, target)) {
          return sent
        }
        sent++
      }
    }
    await clock.sleep(clock.now() - begun < PROBE_TRAIN_MS ? PROBE_INTERVAL_MS : PROBE_SLOW_INTERVAL_MS, signal)
  }
}

/** Each socket makes the router open a port towards the target. */
async function manySockets(target: DatagramAddress, count: number, context: ProbingContext): Promise<number> {
  const { clock, signal } = context
  const sockets = listening(context, familyOf(target.host)).slice(0, 1)
  let sent = 0
  for (;;) {
    for (let n = 0; n < count; n++) {
      const socket = sockets[n] ?? openInto(sockets, familyOf(target.host), context)
      if (socket === undefined) {
        break
      }
      if (!context.send(socket, target)) {
        return sent
      }
      sent++
      if (sent % MAX_SENDS_PER_TURN === 0) {
        await clock.sleep(0, signal)
      }
    }
    await clock.sleep(BIRTHDAY_REPEAT_MS, signal)
  }
}

/** Every port of the pool from each socket: other pairs of ports each time, for a router that looks at both. */
async function sweep(step: Extract<ProbeStep, { type: 'sweep' }>, context: ProbingContext): Promise<number> {
  const family = familyOf(step.host)
  const sockets = listening(context, family).slice(0, 1)
  while (sockets.length < step.sockets && openInto(sockets, family, context) !== undefined) {
    // one more each time
  }
  const pairs = function* (): Generator<[DatagramSocket, DatagramAddress], void, undefined> {
    for (const socket of sockets) {
      for (const port of shuffled(step.pool, context.random)) {
        yield [socket, at(step.host, port)]
      }
    }
  }
  return paced(pairs(), (pair) => pair, context)
}

/** As many as are due by the clock, so that a late timer costs nothing. */
async function paced<T>(
  items: Iterable<T>,
  toPair: (item: T) => readonly [DatagramSocket, DatagramAddress],
  { clock, signal, send }: ProbingContext
): Promise<number> {
  const begun = clock.now()
  let sent = 0
  for (const item of items) {
    while (sent >= 1 + ((clock.now() - begun) * SPRAY_PER_SECOND) / 1000) {
      await clock.sleep(1, signal)
    }
    signal.throwIfAborted()
    if (!send(...toPair(item))) {
      return sent
    }
    sent++
    if (sent % MAX_SENDS_PER_TURN === 0) {
      // what came in has its turn, also after a long pause
      await clock.sleep(0, signal)
    }
  }
  return sent
}

function listening({ endpoint }: ProbingContext, family: 4 | 6): DatagramSocket[] {
  return endpoint.sockets().filter((socket) => socket.family === family)
}

/** Nothing at the transport's bound on sockets. */
function openInto(sockets: DatagramSocket[], family: 4 | 6, context: ProbingContext): DatagramSocket | undefined {
  try {
    const socket = context.endpoint.open(family)
    sockets.push(socket)
    context.onOpen(socket)
    return socket
  } catch {
    return undefined
  }
}

function* first<T>(items: Iterable<T>, count: number): Generator<T, void, undefined> {
  let left = count
  for (const item of items) {
    if (left-- <= 0) {
      return
    }
    yield item
  }
}

function at(host: string, port: number): DatagramAddress {
  return { host, port }
}

function familyOf(host: string): 4 | 6 {
  return host.includes(':') ? 6 : 4
}
