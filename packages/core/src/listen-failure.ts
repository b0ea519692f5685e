/** An address, and what was thrown for it: `  /ip4/…: SomeError: why`, under which the library puts a stack. */
const FAILED = /^ {2}(\/\S+): (?:\w+: )?(.+)$/gmu

/**
 * Why libp2p could not listen, without its stacks and its advice for programmers: `cannot listen on /ip4/…: why`, for each
 * address that failed. `undefined`: its text has another form. Pure.
 */
export function listenFailure(text: string): string | undefined {
  const failures = [...text.matchAll(FAILED)].map(([, address = '', why = '']) =>
    // our transports name the address themselves
    why.startsWith('cannot listen on ') ? why : `cannot listen on ${address}: ${why}`
  )
  return failures.length === 0 ? undefined : failures.join('; ')
}
