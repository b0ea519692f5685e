import type { ShareResult } from '@p2pshare/core'
import type { ErrorReport } from './error-report.ts'
import type { SourceReport, StallCause, Traffic, TransferEvent } from '@p2pshare/core'

/** Bumped when a field changes its meaning or goes away; new fields and new types may come at any time. */
export const EVENT_VERSION = 1

/** One line of `--json` output. */
export interface CliEvent {
  readonly v: typeof EVENT_VERSION
  readonly type: string
  readonly [field: string]: unknown
}

/** One line of NDJSON. */
export function toJsonLine(event: CliEvent): string {
  return `${JSON.stringify(event)}\n`
}

/** An event of this version. */
export function cliEvent(type: string, fields: Readonly<Record<string, unknown>>): CliEvent {
  return { v: EVENT_VERSION, type, ...fields }
}

export interface ShareNode {
  readonly peerId: string
  readonly addresses: readonly string[]
}

/** Others can fetch it now. */
export function shareReady(share: ShareResult, node: ShareNode): CliEvent {
  return cliEvent('share.ready', {
    cid: share.root.toString(),
    ticket: share.ticket,
    link: share.link,
    peerId: node.peerId,
    addresses: node.addresses,
    name: share.name,
    kind: share.kind,
    bytes: share.bytes,
    files: share.files
  })
}

/** What a download says, as one event each; `done` is `transfer.done` with `ok: true`, `failed` one without. */
export function transferEvent(event: Exclude<TransferEvent, { type: 'failed' }>): CliEvent {
  switch (event.type) {
    case 'started':
      return cliEvent('transfer.started', { cid: event.root.toString(), name: event.name })
    case 'map': {
      const { name, files, leaves, bytesTotal, bytesHave } = event
      return cliEvent('transfer.map', { name, files, leaves, bytesTotal, bytesHave })
    }
    case 'peer': {
      const detail = event.state === 'joined' ? { path: event.path } : { reason: event.reason }
      return cliEvent('transfer.peer', { peer: event.peer.toString(), state: event.state, ...detail })
    }
    case 'progress': {
      const { bytesDone, bytesTotal, bytesReceived, traffic, rateBps, peers, path, etaS } = event
      const eta = etaS === undefined ? {} : { etaS: Math.ceil(etaS) }
      return cliEvent('transfer.progress', {
        bytesDone,
        bytesTotal,
        bytesReceived,
        ...trafficFields(traffic),
        rateBps: Math.round(rateBps),
        peers,
        path,
        ...eta
      })
    }
    case 'stalled':
      return cliEvent('transfer.stalled', {
        sinceMs: Math.round(event.sinceMs),
        cause: event.cause,
        detail: event.detail,
        trying: event.trying.map((remedy) => ('inMs' in remedy ? { ...remedy, inMs: Math.round(remedy.inMs) } : remedy))
      })
    case 'flowing':
      return cliEvent('transfer.flowing', { stalledMs: Math.round(event.stalledMs) })
    case 'paused':
      return cliEvent('transfer.paused', { errno: event.errno, path: event.path, retryInMs: event.retryInMs })
    case 'resumed':
      return cliEvent('transfer.resumed', { pausedMs: Math.round(event.pausedMs) })
    case 'warning':
      return cliEvent('transfer.warning', { message: event.message })
    case 'done':
      return cliEvent('transfer.done', {
        ok: true,
        cid: event.root.toString(),
        bytes: event.bytes,
        bytesReceived: event.bytesReceived,
        ...trafficFields(event.traffic),
        seconds: roundSeconds(event.seconds),
        output: event.output,
        sources: event.sources.map(sourceFields)
      })
  }
}

/** A peer that was met over a relay is connected directly; `strategy` says by which way. */
export function punched(event: {
  readonly peer: { toString(): string }
  readonly strategy: string
  readonly tookMs: number
}): CliEvent {
  const { peer, strategy, tookMs } = event
  return cliEvent('peer.punched', { peer: peer.toString(), path: 'direct', strategy, tookMs: Math.round(tookMs) })
}

/** It is not yet; it is tried again after a pause. */
export function punchFailed({
  peer,
  error
}: {
  readonly peer: { toString(): string }
  readonly error: unknown
}): CliEvent {
  return cliEvent('peer.unpunched', {
    peer: peer.toString(),
    reason: error instanceof Error ? error.message : String(error)
  })
}

/** What a failed or stopped `get` ends with, after its `error` line. */
export function transferFailed(report: ErrorReport, { traffic, sources, ...progress }: TransferTotals): CliEvent {
  return cliEvent('transfer.done', {
    ok: false,
    code: report.code,
    exit: report.exit,
    ...progress,
    ...(traffic && trafficFields(traffic)),
    ...(sources && { sources: sources.map(sourceFields) })
  })
}

/** How far a `get` came before it failed; a field is absent while it is not known. */
export interface TransferTotals {
  readonly cid?: string
  readonly bytesTotal?: number
  readonly bytesDone?: number
  readonly bytesReceived?: number
  readonly traffic?: Traffic
  readonly sources?: readonly SourceReport[]
  /** Why nothing came, when that is why it was given up. */
  readonly cause?: StallCause
}

/** What any command says when it fails or is stopped. */
export function errorEvent(report: ErrorReport): CliEvent {
  const { code, message, advice, command, exit } = report
  const next = { ...(advice === undefined ? {} : { advice }), ...(command === undefined ? {} : { command }) }
  return cliEvent('error', { code, message, ...next, exit })
}

/** `bytesReceived` says what came. */
function trafficFields({ useful, wasted }: Traffic): object {
  return { bytesUseful: useful, wasted }
}

function sourceFields({ peer, bytes, traffic }: SourceReport): object {
  return { peer: peer.toString(), bytes, bytesReceived: traffic.received, ...trafficFields(traffic) }
}

/** Milliseconds are enough, and keep the line readable. */
function roundSeconds(seconds: number): number {
  return Math.round(seconds * 1000) / 1000
}
