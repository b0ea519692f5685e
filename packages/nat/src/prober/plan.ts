import type { ChangeRequest } from '../stun/message.ts'
import type { DatagramAddress } from '@p2pshare/interface'
import { isUnspecified } from '../stun/answer.ts'
import { isInsideAddress } from './double-nat.ts'
import { COPIES_AT_MS, ENOUGH_FRESH, FRESH_SOCKETS, MAX_SERVERS_ASKED } from './constants.ts'

/** A STUN server, as far as it is known before it is asked. */
export interface ServerEndpoint {
  readonly address: DatagramAddress
  /** It answers on this port of the same host too. */
  readonly otherPort?: number
  /** It answers on this host too, on `otherPort`. */
  readonly otherHost?: string
}

/** One question to one address of a server. */
export interface Question {
  /** Unique within a probing. */
  readonly id: string
  /** 0 is the listening socket; the others are fresh. */
  readonly socket: number
  readonly to: DatagramAddress
  readonly change?: ChangeRequest
  /** One of many of which some may be lost: no copies. */
  readonly once?: true
}

/** What a server said; times are in milliseconds from the start of the probing. */
export interface Reply {
  readonly from: DatagramAddress
  readonly rttMs: number
  /** Absent: it refused, or does not know. */
  readonly outside?: DatagramAddress
  readonly other?: DatagramAddress
}

/** A question that was asked, and what came of it. */
export interface Asked extends Question {
  readonly atMs: number
  readonly reply?: Reply
}

/** A probing in progress. */
export interface ProbeState {
  readonly servers: readonly ServerEndpoint[]
  readonly asked: readonly Asked[]
  /** Silence counts after half the round trip, and no less than this. */
  readonly graceMs: number
  /** Without any answer, a question is over after twice as long. */
  readonly retryMs: number
}

/** What is known so far of whose datagrams come in; absent is not tested, or not over. */
export interface FilterEvidence {
  /** A datagram came in from a host that was not asked. */
  readonly otherHost?: boolean
  /** A datagram came in from another port of a host that was asked. */
  readonly otherPort?: boolean
}

/** A probing before its first question. */
export function beginProbe(servers: readonly ServerEndpoint[], graceMs: number, retryMs: number): ProbeState {
  return { servers: servers.slice(0, MAX_SERVERS_ASKED), asked: [], graceMs, retryMs }
}

/** What to ask now: everything that is known to be worth asking and was not. Pure. */
export function nextQuestions(state: ProbeState): Question[] {
  const known = new Set(state.asked.map(({ id }) => id))
  return wanted(state).filter(({ id }) => !known.has(id))
}

/** The state after `questions` went out. */
export function recordAsked(state: ProbeState, questions: readonly Question[], nowMs: number): ProbeState {
  return { ...state, asked: [...state.asked, ...questions.map((question) => ({ ...question, atMs: nowMs }))] }
}

/** The state after a reply; the first one to a question counts. */
export function recordReply(state: ProbeState, id: string, reply: Reply): ProbeState {
  return {
    ...state,
    asked: state.asked.map((one) => (one.id === id && one.reply === undefined ? { ...one, reply } : one))
  }
}

/** When the probing is over if no more replies come: milliseconds from its start; the past is now. Pure. */
export function overAtMs(state: ProbeState): number {
  const mapping = state.asked.filter(({ socket }) => socket === 0)
  const fresh = state.asked.filter(({ socket, change }) => socket !== 0 && change === undefined)
  const filters = state.asked.filter(isTest)
  return Math.max(
    overAt(state, mapping, new Set(answered(mapping).map(({ to }) => to.host)).size > 1),
    overAt(state, fresh, answered(fresh).length >= ENOUGH_FRESH),
    overAt(
      state,
      filters,
      filters.some((test) => test.change.ip && canTest(state, test))
    )
  )
}

/** Whose datagrams came in. A server that does not say where else it would answer from tests nothing. Pure. */
export function filterEvidence(state: ProbeState, nowMs: number): FilterEvidence {
  const tests = state.asked.filter(isTest)
  const results = tests.map((test) => ({ ip: test.change.ip, heard: heard(state, test, nowMs) }))
  const otherHost = anyHeard(results.filter(({ ip }) => ip).map((one) => one.heard))
  const otherPort = anyHeard(results.filter(({ ip }) => !ip).map((one) => one.heard))
  return { ...(otherHost === undefined ? {} : { otherHost }), ...(otherPort === undefined ? {} : { otherPort }) }
}

/** The key of an address. */
export function addressKey({ host, port }: DatagramAddress): string {
  return `${host} ${port}`
}

function wanted(state: ProbeState): Question[] {
  const { servers, asked } = state
  const questions: Question[] = []
  const add = (socket: number, to: DatagramAddress, { change, once }: Pick<Question, 'change' | 'once'> = {}): void => {
    const flags = change === undefined ? '' : `${change.ip ? ' ip' : ''}${change.port ? ' port' : ''}`
    questions.push({
      id: `${socket} ${addressKey(to)}${flags}`,
      socket,
      to,
      ...(change ? { change } : {}),
      ...(once ? { once } : {})
    })
  }
  for (const server of servers) {
    for (const to of destinations(server, asked)) {
      add(0, to)
    }
  }
  for (let socket = 1; socket <= FRESH_SOCKETS && servers.length > 0; socket++) {
    const server = servers[(socket - 1) % servers.length]
    if (server !== undefined) {
      const tests = socket <= servers.length
      add(socket, server.address, tests ? {} : { once: true })
      // each of the first sockets has one server to itself: what comes in from elsewhere was not asked
      if (tests) {
        add(socket, server.address, { change: { ip: true, port: true } })
        add(socket, server.address, { change: { ip: false, port: true } })
      }
    }
  }
  return unique(questions)
}

/** The addresses of a server: what was told before, and what its answers tell. */
function destinations(server: ServerEndpoint, asked: readonly Asked[]): DatagramAddress[] {
  const { address, otherPort, otherHost } = server
  const all = [address]
  const others = asked
    .filter(({ to, change }) => change === undefined && addressKey(to) === addressKey(address))
    .flatMap(({ reply }) => (reply?.other === undefined ? [] : [reply.other]))
  if (otherPort !== undefined) {
    others.push({ host: otherHost ?? address.host, port: otherPort })
  }
  for (const { host, port } of others.slice(0, 2)) {
    if (port !== address.port) {
      all.push({ host: address.host, port })
    }
    if (host !== address.host && isAlike(host, address.host)) {
      all.push({ host, port })
    }
  }
  return all
}

/** Whether a server can be there as well: nobody outside makes us ask around in our own network. */
function isAlike(host: string, serverHost: string): boolean {
  return (
    host.includes(':') === serverHost.includes(':') &&
    isInsideAddress(host) === isInsideAddress(serverHost) &&
    !isUnspecified(host)
  )
}

/** When none of `questions` has to be waited for any more; with `enough`, servers that never answered are not. */
function overAt(state: ProbeState, questions: readonly Asked[], enough: boolean): number {
  const open = questions.filter(({ reply }) => reply === undefined)
  return Math.max(0, ...open.map((one) => (enough && rttOf(state, one) === undefined ? 0 : silentAtMs(state, one))))
}

/** When a question counts as unanswered. */
function silentAtMs(state: ProbeState, one: Asked): number {
  const rttMs = rttOf(state, one)
  return rttMs === undefined
    ? one.atMs + 2 * state.retryMs
    : one.atMs + (COPIES_AT_MS.at(-1) ?? 0) + rttMs + Math.max(rttMs / 2, state.graceMs)
}

/** The longest round trip of those that the same host answered. */
function rttOf({ asked }: ProbeState, { to }: Question): number | undefined {
  const rtts = asked.flatMap(({ to: { host }, reply }) =>
    reply !== undefined && host === to.host ? [reply.rttMs] : []
  )
  return rtts.length === 0 ? undefined : Math.max(...rtts)
}

interface Test extends Asked {
  readonly change: ChangeRequest
}

function isTest(one: Asked): one is Test {
  return one.change !== undefined
}

function heard(state: ProbeState, test: Test, nowMs: number): boolean | undefined {
  const { change, to, reply } = test
  if (reply !== undefined) {
    const elsewhere = change.ip ? reply.from.host !== to.host : reply.from.port !== to.port
    // one that answers from where it was asked did not do what it was asked for
    return reply.outside !== undefined && elsewhere ? true : undefined
  }
  return canTest(state, test) && nowMs >= silentAtMs(state, test) ? false : undefined
}

/** Whether the server said, to a plain question of the same socket, that it has somewhere else to answer from. */
function canTest({ asked }: ProbeState, { socket, change, to }: Test): boolean {
  const control = asked.find(
    (one) => one.socket === socket && one.change === undefined && addressKey(one.to) === addressKey(to)
  )
  const other = control?.reply?.other
  if (other === undefined) {
    return false
  }
  return change.ip ? other.host !== to.host && isAlike(other.host, to.host) : other.port !== to.port
}

function anyHeard(results: readonly (boolean | undefined)[]): boolean | undefined {
  return results.includes(true) ? true : results.includes(false) ? false : undefined
}

function answered(questions: readonly Asked[]): readonly Asked[] {
  return questions.filter(({ reply }) => reply !== undefined)
}

function unique(questions: readonly Question[]): Question[] {
  return [...new Map(questions.map((question) => [question.id, question])).values()]
}
