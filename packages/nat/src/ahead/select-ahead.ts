import type { MessageStream } from '@libp2p/interface'
import { MULTISTREAM_HEADER } from './constants.ts'
import { AheadRefusedError } from './errors.ts'

/** Bytes as libp2p's streams pass them on. */
interface Chunk {
  readonly byteLength: number
  subarray(from?: number, to?: number): Uint8Array
}

/** The two methods of libp2p's message streams that every byte goes through, once. */
interface Hooks {
  send?: (data: Chunk) => unknown
  onData?: (data: Chunk) => void
}

/**
 * Let who proposes a protocol on this stream go on at once, instead of a round trip later: multistream-select's answer to a
 * proposal that is taken is the proposal itself, so it is given to the reader when it is sent, and what comes then is held
 * against it. Anything else aborts the stream. A stream that begins otherwise, or is not made from libp2p's own base, is left
 * as it is. Peers that do not wait for a proposal send the header at once (go): what of the answer came before it is not given
 * twice.
 */
export function selectAhead(stream: MessageStream, refused: () => void = () => undefined): void {
  const hooks = stream as unknown as Hooks
  const { send, onData } = hooks
  if (send === undefined || onData === undefined) {
    return
  }
  // others may have hooked in on top meanwhile: these stay, and do nothing any more once they are done
  let state: 'fresh' | 'proposed' | 'done' = 'fresh'
  let expected = new Uint8Array(0)
  let seen = 0
  let early = new Uint8Array(0)
  hooks.send = (data) => {
    if (state !== 'fresh') {
      return send.call(stream, data)
    }
    expected = Uint8Array.from(data.subarray())
    state = isProposal(expected) ? 'proposed' : 'done'
    const sent = send.call(stream, data)
    if (state === 'proposed') {
      seen = early.length
      const answer = expected.subarray(seen)
      // its writer reads only after this
      queueMicrotask(() => {
        onData.call(stream, answer)
      })
    }
    return sent
  }
  hooks.onData = (data) => {
    const bytes = data.subarray()
    if (state === 'fresh') {
      early = Uint8Array.from([...early, ...bytes])
      // who says something else at once does not answer a proposal
      state = isPartOf(MULTISTREAM_HEADER, 0, early) ? 'fresh' : 'done'
    }
    if (state !== 'proposed') {
      onData.call(stream, data)
      return
    }
    const answer = bytes.subarray(0, expected.length - seen)
    if (!isPartOf(expected, seen, answer)) {
      state = 'done'
      refused()
      stream.abort(new AheadRefusedError())
      return
    }
    seen += answer.length
    state = seen === expected.length ? 'done' : state
    if (bytes.length > answer.length) {
      onData.call(stream, bytes.subarray(answer.length))
    }
  }
}

/** The header, and one line more: its length, which one byte holds, and that many bytes. */
function isProposal(bytes: Uint8Array): boolean {
  const at = MULTISTREAM_HEADER.length
  const length = bytes[at] ?? 0
  return isPartOf(bytes, 0, MULTISTREAM_HEADER) && length > 1 && length < 128 && bytes.length === at + 1 + length
}

function isPartOf(whole: Uint8Array, from: number, part: Uint8Array): boolean {
  return part.every((byte, index) => byte === whole[from + index])
}
