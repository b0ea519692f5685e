/**
 * @packageDocumentation
 *
 * The `p2pshare` command line as a function: `runCli()` runs one command with given streams and resolves with the exit
 * code. The program itself is `bin/p2pshare.js`; its options, exit codes and JSON events are in the README.
 */
export { runCli } from './cli.ts'
export type { CliInit } from './cli.ts'
export { EXIT_CODES } from './exit-codes.ts'
export type { ExitReason } from './exit-codes.ts'
export type { OutputStream } from './io.ts'
export { EVENT_VERSION } from './json.ts'
export type { CliEvent } from './json.ts'
