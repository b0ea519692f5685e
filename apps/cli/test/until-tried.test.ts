import type { PeerId } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { expect, test } from 'vitest'
import { untilTried } from '../src/until-tried.ts'

const peer = peerIdFromString('12D3KooWKnDdG3iXw9eTFijk3EWSunZcFi54Zka4wmtqtt6rPxc8')
const other = peerIdFromString('12D3KooWGzxzKZYveHXtpG6AsrUJBcWxHBFS2HsEoGTxrMLvKXtf')

function setUp() {
  const nat = new EventTarget()
  const state: { kind: 'relay' | 'direct'; underWayMs?: number; listener?: (changed: PeerId) => void } = {
    kind: 'relay'
  }
  const fake = Object.assign(nat, {
    path: () => ({ kind: state.kind }),
    explain: () => ({ attemptUnderWayMs: state.underWayMs }),
    onChange: (listener: (changed: PeerId) => void) => {
      state.listener = listener
      return () => delete state.listener
    }
  })
  const timeUp = new AbortController()
  let isOver = false
  const over = untilTried(fake as unknown as Parameters<typeof untilTried>[0], peer, timeUp.signal).finally(() => {
    isOver = true
  })
  const tell = (type: string, detail: object): void => void nat.dispatchEvent(new CustomEvent(type, { detail }))
  const goesOn = async (): Promise<boolean> => {
    await new Promise(setImmediate)
    return !isOver
  }
  return { state, timeUp, over, tell, goesOn }
}

test('it ends with the attempt, and with the words of what that failed with', async () => {
  const success = setUp()
  success.tell('punch:success', { peer: other })
  expect(await success.goesOn()).toBe(true)
  success.tell('punch:success', { peer })
  expect(await success.over).toBeUndefined()
  expect(success.state.listener).toBeUndefined()

  const failure = setUp()
  failure.tell('punch:failed', { peer: other, error: new Error('another') })
  expect(await failure.goesOn()).toBe(true)
  failure.tell('punch:failed', { peer, error: new Error('no time') })
  expect(await failure.over).toBe('no time')
})

test('a path that got direct ends it, but for one that an attempt made: that tells more in a moment', async () => {
  const { state, over, tell, goesOn } = setUp()
  state.listener?.(peer)
  expect(await goesOn()).toBe(true)
  Object.assign(state, { kind: 'direct', underWayMs: 5 })
  state.listener?.(peer)
  expect(await goesOn()).toBe(true)
  tell('punch:success', { peer })
  await over

  const alone = setUp()
  alone.state.kind = 'direct'
  alone.state.listener?.(other)
  expect(await alone.goesOn()).toBe(true)
  alone.state.listener?.(peer)
  expect(await alone.over).toBeUndefined()
})

test('the end of the time ends it', async () => {
  const { timeUp, over } = setUp()
  timeUp.abort()
  expect(await over).toBeUndefined()
})
