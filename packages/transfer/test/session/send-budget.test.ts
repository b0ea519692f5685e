import { describe, expect, test } from 'vitest'
import { MAX_SENT_BYTES, MIN_WINDOW_BYTES, SendBudget, STILL_MS } from '../../src/session/send-budget.ts'
import type { Hoard } from '../../src/session/send-budget.ts'
import { SEND_WINDOW_BYTES, SendWindow } from '../../src/session/send-window.ts'

class Lane implements Hoard {
  readonly #budget: SendBudget
  unackedBytes = 0
  since = 0
  gaveWay = 0

  constructor(budget: SendBudget) {
    this.#budget = budget
  }

  change(bytes: number): void {
    this.unackedBytes += bytes
    this.#budget.change(this, bytes)
  }

  giveWay(): void {
    this.gaveWay++
    this.change(-this.unackedBytes)
  }
}

describe('what all lanes hold', () => {
  test('may be MAX_SENT_BYTES; at that a lane has no room that it need not have', () => {
    const budget = new SendBudget()
    const [one, other] = [new Lane(budget), new Lane(budget)]
    one.change(MAX_SENT_BYTES - MIN_WINDOW_BYTES - 1)
    other.change(MIN_WINDOW_BYTES)
    expect(budget.allows(other, 0)).toBe(true)
    other.change(1)
    expect([budget.usedBytes, budget.allows(other, 0), budget.allows(one, 0)]).toEqual([MAX_SENT_BYTES, false, false])
    one.change(-1)
    expect(budget.allows(other, 0)).toBe(true)
  })

  test('leaves each lane MIN_WINDOW_BYTES, and none at that', () => {
    const budget = new SendBudget()
    const [full, lane] = [new Lane(budget), new Lane(budget)]
    full.change(MAX_SENT_BYTES)
    lane.change(MIN_WINDOW_BYTES - 1)
    expect(budget.allows(lane, 0)).toBe(true)
    lane.change(1)
    expect(budget.allows(lane, 0)).toBe(false)
  })

  test('comes back from a lane that stood still for STILL_MS, when others need it and not before', () => {
    const budget = new SendBudget()
    const [still, moving, lane] = [new Lane(budget), new Lane(budget), new Lane(budget)]
    still.change(MAX_SENT_BYTES / 2)
    moving.change(MAX_SENT_BYTES / 2)
    moving.since = 1
    expect(budget.allows(lane, 10 * STILL_MS)).toBe(true)
    lane.change(MIN_WINDOW_BYTES)
    lane.since = 1
    expect([budget.allows(lane, STILL_MS), still.gaveWay]).toEqual([false, 0])
    expect([budget.allows(lane, STILL_MS + 1), still.gaveWay, moving.gaveWay]).toEqual([true, 1, 0])
  })

  test('a lane with its least window gives nothing back, however long it stands still', () => {
    const budget = new SendBudget(MIN_WINDOW_BYTES)
    const [small, lane] = [new Lane(budget), new Lane(budget)]
    small.change(MIN_WINDOW_BYTES)
    lane.change(MIN_WINDOW_BYTES)
    lane.since = 2 * STILL_MS
    expect([budget.allows(lane, 2 * STILL_MS), small.gaveWay]).toEqual([false, 0])
  })
})

describe('windows of one budget', () => {
  test('take from it what is sent, and give back what is acknowledged, lost or over', () => {
    const budget = new SendBudget()
    const windows = [new SendWindow(budget), new SendWindow(budget), new SendWindow(budget)] as const
    for (const window of windows) {
      window.sent(100)
    }
    windows[0].acked(40)
    windows[0].acked(30)
    expect(budget.usedBytes).toBe(260)
    windows[0].lost()
    windows[1].close()
    expect(budget.usedBytes).toBe(100)
    windows[2].acked(100)
    windows[1].sent(100)
    expect(budget.usedBytes).toBe(0)
  })

  test('have room for SEND_WINDOW_BYTES alone, and for MIN_WINDOW_BYTES when there is nothing else', () => {
    const budget = new SendBudget(SEND_WINDOW_BYTES)
    const [one, other] = [new SendWindow(budget), new SendWindow(budget)]
    one.sent(SEND_WINDOW_BYTES - 1)
    expect(one.hasRoom).toBe(true)
    one.sent(1)
    other.sent(MIN_WINDOW_BYTES - 1)
    expect([one.hasRoom, other.hasRoom]).toEqual([false, true])
    other.sent(1)
    expect(other.hasRoom).toBe(false)
  })
})
