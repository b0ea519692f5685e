import type { P2PShareNode, ScrubReport, ShareEvents } from '@p2pshare/core'
import type { Io } from './io.ts'
import { cliEvent } from './json.ts'
import type { CliEvent } from './json.ts'
import { printable } from './printable.ts'
import { count, formatBytes, formatSeconds } from './units.ts'

/** Say what becomes of the shares of a node: changed files, a disk that refuses, scrubs that begin by themselves. */
export function tellShares(
  { services }: { readonly services: Pick<P2PShareNode['services'], 'transfer'> },
  io: Pick<Io, 'event' | 'warn' | 'note'>
): void {
  const { transfer } = services
  transfer.addEventListener('share:changed', ({ detail }) => {
    tellChanged(detail, io)
  })
  tellRefused(transfer, io)
  transfer.addEventListener('share:resumed', ({ detail: { root, pausedMs } }) => {
    io.event(cliEvent('share.resumed', { cid: root.toString(), pausedMs: Math.round(pausedMs) }))
    io.note(`shared again after ${formatSeconds(pausedMs / 1000)}`)
  })
  transfer.addEventListener('scrub:started', ({ detail: { resumed } }) => {
    io.event(cliEvent('scrub.started', { resumed }))
    io.note(`${resumed ? 'going on to read' : 'reading'} what is shared, to find what has rotted`)
  })
  transfer.addEventListener('scrub:done', ({ detail }) => {
    io.event(scrubDone(detail))
    io.note(
      `read ${count(detail.shares, 'share')}, ${formatBytes(detail.bytes)}: ` +
        (detail.damaged === 0 ? 'no damage' : count(detail.damaged, 'damaged share')) +
        (detail.unreadable === 0 ? '' : `, ${detail.unreadable} could not be read`)
    )
  })
}

/** Shares that cannot be read for now: the disk refuses, or what opens them is not there. */
export function tellRefused(
  transfer: Pick<P2PShareNode['services']['transfer'], 'addEventListener'>,
  io: Pick<Io, 'event' | 'warn'>
): void {
  transfer.addEventListener('share:paused', ({ detail: { root, errno, path, retryInMs } }) => {
    io.event(cliEvent('share.paused', { cid: root.toString(), errno, path, retryInMs }))
    io.warn(`${printable(path)} cannot be read (${errno}): asked again in ${formatSeconds(retryInMs / 1000)}`)
  })
  transfer.addEventListener('share:unreadable', ({ detail: { root, path, error } }) => {
    io.event(cliEvent('share.unreadable', { cid: root.toString(), path, reason: error.message }))
    io.warn(`${printable(path)} cannot be shared now: ${printable(error.message)}`)
  })
}

/** What a scrub has come to, begun by a user or by itself. */
export function scrubDone(report: ScrubReport): CliEvent {
  return cliEvent('scrub.done', { ...report })
}

/** One share is not served any more. */
export function tellChanged(
  { root, path, damaged }: ShareEvents['share:changed']['detail'],
  io: Pick<Io, 'event' | 'warn'>
): void {
  io.event(cliEvent('share.changed', { cid: root.toString(), path, damaged }))
  for (const file of damaged) {
    io.warn(`${printable(path)} ${printable(file.path)} ${file.problem}`)
  }
}
