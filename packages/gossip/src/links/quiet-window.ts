import type { Stream } from '@libp2p/interface'

/** What is looked at of a stream of `@libp2p/yamux`. */
interface YamuxWindow {
  /** Bytes that the other end may send now, and after an update. */
  recvWindowCapacity: number
  recvWindow: number
  sendWindowUpdate: () => void
}

/**
 * js-libp2p's yamux answers each frame with a window update, which costs as much as an answer: on a link of small
 * messages it doubles packets and work. As other implementations do, tell the other end when half of the window is used.
 * Streams of other muxers are left as they are.
 */
export function quietWindow(stream: Stream): void {
  const window = stream as Partial<YamuxWindow>
  if (!hasWindow(window)) {
    return
  }
  const update = window.sendWindowUpdate.bind(stream)
  window.sendWindowUpdate = () => {
    if (window.recvWindowCapacity < window.recvWindow / 2) {
      update()
    }
  }
}

function hasWindow(stream: Partial<YamuxWindow>): stream is YamuxWindow {
  const { recvWindowCapacity, recvWindow, sendWindowUpdate } = stream
  return (
    typeof recvWindowCapacity === 'number' && typeof recvWindow === 'number' && typeof sendWindowUpdate === 'function'
  )
}
