import type { PeerId } from '@libp2p/interface'
import type { BulkChannel, BulkSink } from '@p2pshare/interface'
import { anySignal } from 'any-signal'
import { asError } from '../as-error.ts'
import type { ChannelAccess } from './channel-target.ts'

/** How long a dial may take, and how long an invitation waits. */
export const CHANNEL_OPEN_MS = 5000

/** How the way to a channel goes on. */
export interface AttemptEvents {
  opened(channel: BulkChannel): void
  /** There will be no channel. */
  failed(): void
}

/** One channel that is being opened, or is open, by dialling or by being dialled. */
export class ChannelAttempt {
  readonly #abort = new AbortController()
  #channel: BulkChannel | undefined

  get channel(): BulkChannel | undefined {
    return this.#channel
  }

  /** Dial the peer. */
  dial(access: ChannelAccess, peer: PeerId, invitation: DialInit, events: AttemptEvents): void {
    const { port, token, sink } = invitation
    const signal = anySignal([this.#abort.signal, AbortSignal.timeout(CHANNEL_OPEN_MS)])
    const { channels, connection } = access
    const opening = channels.open(access.target(port), peer, token, { sink, signal, connection })
    this.#settle(
      opening.finally(() => {
        signal.clear()
      }),
      events
    )
  }

  /** Let the peer dial. Returns what it has to be told; `undefined` when nobody can be invited now. */
  invite(access: ChannelAccess, peer: PeerId, sink: BulkSink, events: AttemptEvents): InviteResult | undefined {
    const port = access.port()
    if (port === undefined) {
      return undefined
    }
    try {
      const invitation = access.channels.invite(peer, {
        sink,
        lifetimeMs: CHANNEL_OPEN_MS,
        connection: access.connection
      })
      this.#abort.signal.addEventListener('abort', () => {
        invitation.cancel()
      })
      this.#settle(invitation.channel, events)
      return { token: invitation.token, port }
    } catch {
      return undefined // enough are open, or invited, already
    }
  }

  /** Nothing more is wanted of it; `opened` and `failed` are not called any more. */
  end(reason: Error): void {
    this.#abort.abort(reason)
    this.#channel?.abort(reason)
  }

  #settle(opening: Promise<BulkChannel>, events: AttemptEvents): void {
    opening.then(
      (channel) => {
        if (this.#abort.signal.aborted) {
          channel.abort(asError(this.#abort.signal.reason))
          return
        }
        this.#channel = channel
        events.opened(channel)
      },
      () => {
        if (!this.#abort.signal.aborted) {
          events.failed()
        }
      }
    )
  }
}

export interface DialInit {
  readonly token: Uint8Array
  readonly port: number
  readonly sink: BulkSink
}

export interface InviteResult {
  readonly token: Uint8Array
  readonly port: number
}
