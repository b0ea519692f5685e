import assert from 'node:assert/strict'
import { AbortError } from '@libp2p/interface'

/** The call rejects with an error that calls itself `name`. Names, not classes: two copies of a package differ in those. */
export async function rejectsWithName(call: () => Promise<unknown>, ...names: string[]): Promise<void> {
  await assert.rejects(call, (error: unknown) => {
    assert.ok(error instanceof Error, 'it rejects with an Error')
    assert.ok(names.includes(error.name), `it rejects with ${names.join(' or ')}, not with ${error.name}`)
    return true
  })
}

/** The call, given a signal that is aborted already, rejects with the signal's own reason. */
export async function rejectsWhenAborted(call: (signal: AbortSignal) => Promise<unknown>): Promise<void> {
  const reason = new AbortError('the test gave up before the call')
  await rejectsWithReason(() => call(AbortSignal.abort(reason)), reason)
}

/** The call rejects with this very object. */
export async function rejectsWithReason(call: () => Promise<unknown>, reason: unknown): Promise<void> {
  await assert.rejects(call, (error: unknown) => {
    assert.equal(error, reason, "it rejects with the signal's reason")
    return true
  })
}

/** Byte equality, without printing a megabyte when it fails. */
export function sameBytes(actual: Uint8Array, expected: Uint8Array, what: string): void {
  assert.equal(Buffer.compare(actual, expected), 0, `${what}: other bytes than were written`)
}
