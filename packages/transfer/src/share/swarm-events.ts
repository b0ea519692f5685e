import type { SwarmEvents } from './swarm.ts'

const nothing = (): void => undefined

/** Nobody listens. */
export const SILENT: SwarmEvents = Object.freeze({
  joined: nothing,
  left: nothing,
  dropped: nothing,
  stored: nothing,
  alive: nothing,
  received: nothing,
  sent: nothing,
  completed: nothing,
  failed: nothing
})

/** Events for whoever listens at the time: first a download, then whoever looks after a share that is only served. */
export function forwardTo(listener: () => SwarmEvents, sent: SwarmEvents['sent']): SwarmEvents {
  return {
    joined: (peer) => {
      listener().joined(peer)
    },
    left: (peer, reason) => {
      listener().left(peer, reason)
    },
    dropped: (peer, reason) => {
      listener().dropped(peer, reason)
    },
    stored: (done, bytes, peer) => {
      listener().stored(done, bytes, peer)
    },
    alive: () => {
      listener().alive()
    },
    received: (bytes) => {
      listener().received(bytes)
    },
    sent: (bytes, peer) => {
      sent(bytes, peer)
      listener().sent(bytes, peer)
    },
    completed: () => {
      listener().completed()
    },
    failed: (error) => {
      listener().failed(error)
    }
  }
}
