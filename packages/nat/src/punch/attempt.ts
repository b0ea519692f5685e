import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type {
  ComponentLogger,
  Connection,
  ConnectionGater,
  Libp2pEvents,
  PeerId,
  TypedEventTarget
} from '@libp2p/interface'
import type { AddressManager, ConnectionManager, TransportManager } from '@libp2p/interface-internal'
import type { DatagramEndpoint, LocalPortDialer } from '@p2pshare/interface'
import { anySignal } from 'any-signal'
import { findDatagramEndpoint, findLocalPortDialer } from '../prober/endpoints.ts'
import { toRemoteEnd } from '../prober/remote-host.ts'
import type { NatClass, NatKnowledge, Strategy } from '../types.ts'
import { admit } from './admit.ts'
import {
  ATTEMPT_BYTES,
  BLOCKED_WAIT_MS,
  CLASS_POLL_MS,
  CLASS_WAIT_MS,
  LEARN_TIMEOUT_MS,
  SECRET_BYTES,
  UPGRADE_TRIES
} from './constants.ts'
import { describe } from './describe.ts'
import { PunchFailedError } from './errors.ts'
import { ask } from './exchange.ts'
import type { PunchStream } from './exchange.ts'
import { gated } from './gated.ts'
import { strategyOf } from './label.ts'
import { opened } from './opened.ts'
import type { PunchOptions } from './options.ts'
import { plan } from './plan.ts'
import { race } from './race.ts'
import type { RaceResult } from './race.ts'
import { runnersOf } from './runners.ts'
import type { Description, PunchMessage, Role } from './types.ts'
import { ProbeCodec, probeKey } from './wire/probe.ts'

/** What punching needs from the node. */
export interface PunchComponents {
  readonly peerId: PeerId
  readonly connectionManager: Pick<ConnectionManager, 'getConnections' | 'openConnection'>
  readonly transportManager: Pick<TransportManager, 'getTransports'>
  readonly addressManager: Pick<AddressManager, 'getAddressesWithMetadata'>
  readonly events: TypedEventTarget<Libp2pEvents>
  readonly logger: ComponentLogger
  readonly connectionGater?: Pick<ConnectionGater, 'denyDialMultiaddr'>
}

/** One attempt with one peer. */
export interface AttemptInit {
  readonly components: PunchComponents
  readonly options: PunchOptions
  /** The relayed connection to the peer. */
  readonly relayed: Connection
  readonly mayProbe: () => boolean
  readonly signal: AbortSignal
  /** It is not the first one with this peer. @default false */
  readonly isRepeated?: boolean
}

/** What this end brings into one attempt. */
interface Own {
  readonly about: Description
  readonly endpoint: DatagramEndpoint | undefined
  readonly dialer: LocalPortDialer | undefined
  readonly tcpLocalPort: number | undefined
  readonly outside: readonly string[]
}

/** Told while a peer is asked. */
interface AskEvents {
  /** The question goes out, for the first time. */
  readonly onAsk: () => void
  readonly onAnswer: () => void
}

/**
 * Ask the peer, and try everything as soon as it answers. Where that comes to nothing and TCP was all there could be, while this
 * node was still finding out about its own, the peer is asked once more when it knows.
 */
export async function initiate(init: AttemptInit, events: AskEvents): Promise<RaceResult> {
  const lacked = { tcp: false }
  try {
    return await askAndTry(init, events, (own, theirs) => {
      lacked.tcp = own.tcpLocalPort === undefined && isBlocked(theirs)
    })
  } catch (error) {
    if (!(error instanceof PunchFailedError) || !lacked.tcp || !(await learnsTcp(init))) {
      throw error
    }
    return askAndTry(init, { onAsk: () => undefined, onAnswer: () => undefined })
  }
}

async function askAndTry(
  init: AttemptInit,
  { onAsk, onAnswer }: AskEvents,
  onBoth?: (own: Own, theirs: Description) => void
): Promise<RaceResult> {
  const { relayed, signal, options } = init
  const { clock } = options
  return withOwn(init, async (own) => {
    const [attempt, secret] = [randomBytes(ATTEMPT_BYTES), randomBytes(SECRET_BYTES)]
    const begun = clock.now()
    onAsk()
    const { answer, stream } = await ask(relayed, { type: 'ask', attempt, secret, about: own.about }, { signal })
    const roundTripMs = clock.now() - begun
    onAnswer()
    onBoth?.(own, answer.about)
    const key = probeKey({ initiator: secret, responder: answer.secret })
    const go = async (): Promise<void> => {
      await stream.write({ type: 'go' }, { signal })
      // the word is on its way to the other end for as long
      await clock.sleep(roundTripMs / 2, signal)
    }
    return tryAll(init, { role: 'initiator', own, attempt, key, about: answer.about, go, stream })
  })
}

/** Answer an ask, and try everything at once. */
export async function respond(
  init: AttemptInit,
  stream: PunchStream,
  message: Extract<PunchMessage, { type: 'ask' }>
): Promise<RaceResult> {
  const { signal } = init
  if (isBlocked(message.about)) {
    await learnsTcp(init)
  }
  return withOwn(init, async (own) => {
    const secret = randomBytes(SECRET_BYTES)
    await stream.write({ type: 'answer', secret, about: own.about }, { signal })
    const { attempt, about } = message
    const key = probeKey({ initiator: message.secret, responder: secret })
    const go = async (): Promise<void> => {
      await stream.read(['go'], { signal })
    }
    return tryAll(init, { role: 'responder', own, attempt, key, about, go, stream })
  })
}

interface Agreed {
  readonly role: Role
  readonly own: Own
  readonly attempt: Uint8Array
  readonly key: Uint8Array
  readonly about: Description
  readonly go: () => Promise<void>
  readonly stream: PunchStream
}

async function tryAll(init: AttemptInit, agreed: Agreed): Promise<RaceResult> {
  const { components, options, relayed, mayProbe, signal } = init
  const { role, own, attempt, key, about, go, stream } = agreed
  const { clock, classify, random } = options
  const peer = relayed.remotePeer
  const log = components.logger.forComponent('p2pshare:nat:punch')
  const byRules = admit(about.candidates, {
    networks: options.networks(),
    outside: own.outside,
    observed: options.observed(peer),
    servers: relayHosts(components.connectionManager.getConnections(), relayed),
    classify
  })
  const { admitted, denied } = await gated(byRules.admitted, peer, components.connectionGater)
  for (const { candidate, reason } of [...byRules.denied, ...denied]) {
    log('not sending to %s %s of %p: %s', candidate.transport, candidate.host, peer, reason)
  }
  log('%p and we told each other; %s', peer, role)
  const entries = plan({
    role,
    mine: own.about,
    theirs: { ...about, candidates: admitted },
    ...(own.tcpLocalPort === undefined ? {} : { tcpLocalPort: own.tcpLocalPort })
  })
  // of a peer that has fewer streams ready, as many
  const ids = own.about.streamIds
    .slice(0, about.streamIds.length)
    .map((local, index) => ({ local, remote: about.streamIds[index] ?? 0 }))
  const context = {
    peer,
    role,
    connectionManager: components.connectionManager,
    relayed,
    endpoint: own.endpoint,
    dialer: own.dialer,
    codec: new ProbeCodec({ attempt, key, role }),
    ids,
    go,
    mayProbe,
    clock,
    random,
    log
  }
  try {
    return await race({
      peer,
      plan: entries,
      runners: runnersOf(entries, context),
      opened: async (until) => opened(components, peer, until),
      strategyOf: (connection) => strategyOf(connection, entries, classify),
      clock,
      signal
    })
  } finally {
    stream.close({ signal: AbortSignal.timeout(LEARN_TIMEOUT_MS) }).catch((error: unknown) => {
      log('the stream with %p did not close - %e', peer, error)
    })
  }
}

/** Stream ids are reserved for the time of the attempt. */
async function withOwn<T>(init: AttemptInit, use: (own: Own) => Promise<T>): Promise<T> {
  const { components, options } = init
  const endpoint = findDatagramEndpoint(components.transportManager)
  const dialer = findLocalPortDialer(components.transportManager)
  const sockets = endpoint?.sockets() ?? []
  const nats = await learn(init, sockets.length > 0)
  const streamIds: number[] = []
  try {
    if (endpoint !== undefined && sockets.length > 0) {
      while (streamIds.length < UPGRADE_TRIES) {
        streamIds.push(endpoint.reserveId())
      }
    }
    const about = describe({
      sockets,
      networks: options.networks(),
      nats,
      addresses: components.addressManager.getAddressesWithMetadata(),
      ways: waysOf(options.strategies, components, sockets.length > 0, dialer !== undefined),
      streamIds,
      classify: options.classify
    })
    return await use({
      about,
      endpoint,
      dialer,
      tcpLocalPort: nats.find(({ family }) => family === 4)?.tcpOutside?.localPort,
      outside: nats.flatMap(({ outside }) => (outside === undefined ? [] : [outside.host]))
    })
  } finally {
    streamIds.forEach((id) => endpoint?.releaseId(id))
  }
}

/**
 * What is known already costs no time; nothing at all is worth a question. So is what did not work, or has ceased to: the
 * NAT may have another address by now.
 */
async function learn({ options, signal, isRepeated }: AttemptInit, hasSockets: boolean): Promise<NatClass[]> {
  const { knowledge } = options
  if (knowledge !== undefined && hasSockets) {
    await untilClassified(knowledge, signal)
  }
  const known = knowledge === undefined ? [] : classesOf(knowledge)
  if (knowledge === undefined || (known.length > 0 && isRepeated !== true) || !hasSockets) {
    return known
  }
  const either = anySignal([signal, AbortSignal.timeout(LEARN_TIMEOUT_MS)])
  try {
    const found = await knowledge.learnOutside(either)
    return ([4, 6] as const).flatMap((family) => {
      const before = known.find((nat) => nat.family === family)
      const now = found.find((nat) => nat.family === family)
      // no answer to one question does not say that UDP is blocked
      return now?.udp === true ? now : (before ?? now ?? [])
    })
  } catch {
    signal.throwIfAborted()
    return known
  } finally {
    either.clear()
  }
}

/**
 * A node that has just started soon knows its class, and without it guesses that its NAT is an easy one. Without its outside
 * TCP port it has no way to a peer whose UDP is blocked.
 */
async function untilClassified(knowledge: NatKnowledge, signal: AbortSignal): Promise<void> {
  for (let waited = 0; waited < waitOf(knowledge) && !isClassified(knowledge); waited += CLASS_POLL_MS) {
    await delay(CLASS_POLL_MS, undefined, { signal })
  }
}

/** Whether the outside TCP port is known, which is waited for while it is being found out. */
async function learnsTcp({ options: { knowledge }, signal }: AttemptInit): Promise<boolean> {
  if (knowledge === undefined) {
    return false
  }
  for (let waited = 0; waited < BLOCKED_WAIT_MS && knowledge.awaitsTcp; waited += CLASS_POLL_MS) {
    await delay(CLASS_POLL_MS, undefined, { signal })
  }
  return classesOf(knowledge).some(({ tcpOutside }) => tcpOutside !== undefined)
}

function isBlocked({ nats }: Description): boolean {
  return nats.some(({ family, udp }) => family === 4 && !udp)
}

/** That UDP is blocked is told together with what TCP shows. */
function waitOf(knowledge: NatKnowledge): number {
  return knowledge.awaitsTcp && classesOf(knowledge).length === 0 ? BLOCKED_WAIT_MS : CLASS_WAIT_MS
}

function isClassified(knowledge: NatKnowledge): boolean {
  return !knowledge.awaitsTcp && classesOf(knowledge).some(({ udp, mapping }) => !udp || mapping !== undefined)
}

function classesOf(knowledge: NatKnowledge): NatClass[] {
  return ([4, 6] as const).flatMap((family) => knowledge.current(family) ?? [])
}

function waysOf(
  allowed: readonly Strategy[],
  { transportManager }: PunchComponents,
  udp: boolean,
  localPort: boolean
): Strategy[] {
  const webrtc = transportManager
    .getTransports()
    .some((transport) => transport[Symbol.toStringTag] === '@libp2p/webrtc')
  return allowed.filter((way) => {
    switch (way) {
      case 'udp-punch':
      case 'birthday':
      case 'port-pool':
        return udp
      case 'tcp-simultaneous-open':
        return localPort
      case 'webrtc':
        return webrtc
      default:
        return true
    }
  })
}

/** The hosts of the relays that we are connected through. */
function relayHosts(connections: readonly Connection[], relayed: Connection): string[] {
  const circuits = [...connections, relayed].filter(({ remoteAddr }) => remoteAddr.toString().includes('/p2p-circuit'))
  return circuits.flatMap(({ remoteAddr }) => toRemoteEnd(remoteAddr.decapsulate('/p2p-circuit'))?.host ?? [])
}
