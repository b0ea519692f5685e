import type { MessageStream } from '@libp2p/interface'

export interface Reading {
  /** What arrived so far. */
  bytes(): number[]
  /** How the stream ended for the reader, once it has. */
  readonly ended: Promise<'end' | 'reset'>
  isOver(): boolean
}

/** Take everything that arrives at `stream`. */
export function read(stream: MessageStream): Reading {
  const arrived: number[] = []
  const { promise, resolve } = Promise.withResolvers<'end' | 'reset'>()
  let over = false
  const end = (how: 'end' | 'reset') => {
    over = true
    resolve(how)
  }
  stream.addEventListener('message', ({ data }) => {
    arrived.push(...data.subarray())
  })
  stream.addEventListener('remoteCloseWrite', () => {
    end('end')
  })
  stream.addEventListener('close', ({ error }) => {
    end(error === undefined ? 'end' : 'reset')
  })
  return { bytes: () => arrived, ended: promise, isOver: () => over }
}

/** Let everything happen that needs no time to pass. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) {
    await new Promise<void>((resolve) => setImmediate(resolve))
  }
}

export const range = (length: number): Uint8Array => Uint8Array.from({ length }, (_, index) => index)
