import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { DataIn } from '../../src/session/data-in.ts'
import { encodeFrameHeader } from '../../src/wire/frame.ts'

const BODY_BYTES = 16 * 1024
const FRAME_BYTES =
  encodeFrameHeader({ kind: 'data', leaf: 0, firstBlock: 0, bytes: BODY_BYTES }).byteLength + BODY_BYTES

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

describe('a stream lane under a rate limit', () => {
  test('takes what a muxer hands over at once only as fast as the limit says', () => {
    const { lane, heard, steps } = limited({ waitMs: 100 })
    for (let leaf = 0; leaf < 3; leaf++) {
      lane.push(frame(leaf))
    }
    expect(heard()).toBe(FRAME_BYTES)
    expect(steps).toEqual(['pause', 'pause', 'pause'])
    vi.advanceTimersByTime(100)
    expect(heard()).toBe(2 * FRAME_BYTES)
    vi.advanceTimersByTime(100)
    expect(heard()).toBe(3 * FRAME_BYTES)
    expect(steps.filter((step) => step === 'resume')).toEqual([])
    vi.advanceTimersByTime(100)
    expect(steps.at(-1)).toBe('resume')
  })

  test('forgets what it was handed ahead when it ends', () => {
    const { lane, heard } = limited({ waitMs: 100 })
    lane.push(frame(0))
    lane.push(frame(1))
    lane.end()
    vi.advanceTimersByTime(1000)
    expect(heard()).toBe(FRAME_BYTES)
  })

  test('tells of a frame that must not be when it gets to it', () => {
    const { lane, failures } = limited({ waitMs: 100 })
    lane.push(frame(0))
    lane.push(new Uint8Array(FRAME_BYTES).fill(0xff))
    expect(failures).toEqual([])
    vi.advanceTimersByTime(100)
    expect(failures).toHaveLength(1)
  })
})

/** A lane whose limit has it wait after each chunk. */
function limited({ waitMs }: { readonly waitMs: number }) {
  const steps: string[] = []
  const failures: Error[] = []
  let bytes = 0
  const lane = new DataIn({
    sink: { open: ({ bytes: left }) => body(left) },
    took: (taken) => {
      bytes += taken
      return waitMs
    },
    pause: () => steps.push('pause'),
    resume: () => steps.push('resume'),
    failed: (error) => failures.push(error)
  })
  return { lane, steps, failures, heard: () => bytes }
}

function body(bytes: number) {
  let left = bytes
  return {
    room: () => new Uint8Array(left),
    filled: (count: number) => {
      left -= count
    },
    end: () => undefined
  }
}

function frame(leaf: number): Uint8Array {
  return Buffer.concat([
    encodeFrameHeader({ kind: 'data', leaf, firstBlock: 0, bytes: BODY_BYTES }),
    new Uint8Array(BODY_BYTES)
  ])
}
