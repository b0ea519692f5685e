import type { Io } from './io.ts'
import { transferEvent } from './json.ts'
import type { TransferTotals } from './json.ts'
import type { StallCause, TransferEvent } from '@p2pshare/core'
import { PathColumn, pathText } from './path-column.ts'
import { printable } from './printable.ts'
import { transferLine } from './progress.ts'
import { stallLine } from './stall-line.ts'
import { createThrottle } from './throttle.ts'
import { wasteText } from './waste-text.ts'
import { count, formatBytes, formatRate, formatSeconds, percent } from './units.ts'

type TransferEventOf<Type extends TransferEvent['type']> = Extract<TransferEvent, { type: Type }>

/** Three progress events a second are enough for any display. */
export const JSON_PROGRESS_MS = 334

/** Shows one download to a person or a program, event by event. */
export class GetView {
  readonly #io: Io
  readonly #now: () => number
  readonly #startedAt: number
  readonly #jsonDue = createThrottle(JSON_PROGRESS_MS)
  readonly #paths = new PathColumn()
  #path = ''
  #totals: TransferTotals = {}
  #searching = true
  /** It knows what is to be fetched; what is complete before is never mapped. */
  #mapped = false
  #pausedFor = ''
  #toldWhole: StallCause | undefined
  /** Why nothing comes, while nothing does, and when that was said. */
  #stall: { readonly said: TransferEventOf<'stalled'>; readonly at: number } | undefined

  constructor(io: Io, now: () => number) {
    this.#io = io
    this.#now = now
    this.#startedAt = now()
  }

  /** What is known so far, for the report of a failure. */
  get totals(): TransferTotals {
    return this.#totals
  }

  /** Time has passed; says so while nothing else can be said. */
  tick(): void {
    if (this.#stall !== undefined) {
      this.#showStall(this.#stall)
    } else if (this.#searching) {
      const seconds = Math.floor((this.#now() - this.#startedAt) / 1000)
      this.#io.status(() => `looking for somebody who has it  ${seconds} s`)
    }
  }

  show(event: TransferEvent): void {
    if (event.type === 'failed') {
      this.#failed(event)
      return
    }
    if (event.type !== 'progress' || this.#jsonDue(this.#now())) {
      this.#io.event(transferEvent(event))
    }
    switch (event.type) {
      case 'started':
        this.#totals = { ...this.#totals, cid: event.root.toString() }
        break
      case 'map':
        this.#map(event)
        break
      case 'peer':
        this.#peer(event)
        break
      case 'progress':
        this.#progress(event)
        break
      case 'stalled':
        this.#stall = { said: event, at: this.#now() }
        this.#tellWhole(event)
        this.#showStall(this.#stall)
        break
      case 'flowing':
        this.#stall = undefined
        break
      case 'paused':
        this.#paused(event)
        break
      case 'resumed':
        this.#io.note(`going on after ${formatSeconds(event.pausedMs / 1000)}`)
        break
      case 'warning':
        this.#warn(event.message)
        break
      case 'done':
        this.#done(event)
        break
    }
  }

  #map(event: TransferEventOf<'map'>): void {
    this.#searching = false
    this.#mapped = true
    const { bytesTotal, bytesHave } = event
    this.#totals = { ...this.#totals, bytesTotal, bytesDone: bytesHave }
    this.#io.clearStatus()
    this.#io.note(`${this.#io.bold(printable(event.name))}  ${count(event.files, 'file')}, ${formatBytes(bytesTotal)}`)
    // small files come inside the map: all of them is nothing to resume
    if (bytesHave > 0 && bytesHave < bytesTotal) {
      this.#io.note(`resumed: ${formatBytes(bytesHave)} (${percent(bytesHave, bytesTotal)}%) are here already`)
    }
  }

  #peer(event: TransferEventOf<'peer'>): void {
    if (event.state === 'dropped') {
      this.#warn(`${event.peer.toString()} is not asked any more: ${event.reason}`)
    }
  }

  #progress(event: TransferEventOf<'progress'>): void {
    const { bytesDone, bytesTotal, bytesReceived } = event
    this.#totals = { ...this.#totals, bytesTotal, bytesDone, bytesReceived }
    const pathBefore = this.#paths.see('', event.path)
    this.#path = pathText(event.path, pathBefore) || this.#path
    const shown = pathBefore === undefined ? event : { ...event, pathBefore }
    if (this.#stall === undefined) {
      this.#io.status((columns) => transferLine(shown, columns))
    } else {
      this.#showStall(this.#stall)
    }
  }

  /** Why nothing comes, once for each cause, when the line that is redrawn has no room for all of it. */
  #tellWhole(said: TransferEventOf<'stalled'>): void {
    const { columns = Infinity } = this.#io
    if (said.cause !== this.#toldWhole && stallLine(said, said.sinceMs).length >= columns) {
      this.#toldWhole = said.cause
      this.#io.note(`nothing comes: ${printable(said.detail)}`)
    }
  }

  /** It takes the place of the numbers: they stand still. */
  #showStall({ said, at }: { readonly said: TransferEventOf<'stalled'>; readonly at: number }): void {
    const ms = said.sinceMs + this.#now() - at
    this.#io.status(() => stallLine(said, ms))
  }

  #failed({ error, traffic, sources }: TransferEventOf<'failed'>): void {
    this.#stall = undefined
    const { received: bytesReceived } = traffic
    const stall = error instanceof Error && 'stall' in error ? (error.stall as StallCause | undefined) : undefined
    this.#totals = { ...this.#totals, bytesReceived, traffic, sources, ...(stall && { cause: stall }) }
    const waste = wasteText(traffic)
    if (waste !== '') {
      this.#io.clearStatus()
      this.#io.note(`received ${formatBytes(bytesReceived)}, ${waste}`)
    }
  }

  /** Said once for each reason: the pauses get longer. */
  #paused({ errno, path, retryInMs }: TransferEventOf<'paused'>): void {
    const why = `${errno} at ${printable(path)}`
    if (why !== this.#pausedFor) {
      this.#pausedFor = why
      this.#warn(`paused, since the disk refuses: ${why}; nothing is lost, and it goes on when it can`)
    }
    this.#io.status(() => `paused  ${why}  asking again in ${formatSeconds(retryInMs / 1000)}`)
  }

  #done(event: TransferEventOf<'done'>): void {
    const { bytes, bytesReceived, seconds, sources } = event
    this.#searching = false
    this.#stall = undefined
    this.#totals = { ...this.#totals, bytesDone: bytes, bytesReceived }
    const waste = wasteText(event.traffic)
    this.#io.clearStatus()
    // what an empty share has in the map says nothing of a rate
    const rate = bytes === 0 ? '' : ` (${formatRate(bytesReceived / Math.max(seconds, 0.001))})`
    const givers = sources.filter((source) => source.bytes > 0).length // others sent what was of no use
    // to know that, it may have needed the map of somebody, and nothing else
    const wasHere = (bytes > 0 && bytesReceived === 0) || (!this.#mapped && givers === 0)
    const from = givers === 0 ? '' : ` from ${count(givers, 'peer')}`
    // that bytes took a better path, or a worse one, explains the rate; a path that stayed is in every line above
    const path = this.#path.includes('->') ? `, ${this.#path}` : ''
    this.#io.note(
      wasHere
        ? `ok  all of it was here already (${formatBytes(bytes)}, verified)`
        : `ok  ${formatBytes(bytes)} verified in ${formatSeconds(seconds)}${rate}${from}${path}${waste && `, ${waste}`}`
    )
    this.#io.result(event.output)
  }

  /** In JSON it is an event already. */
  #warn(message: string): void {
    if (!this.#io.json) {
      this.#io.warn(message)
    }
  }
}
