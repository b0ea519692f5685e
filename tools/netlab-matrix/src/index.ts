/**
 * The real programs at both ends of a pair of NATs, in a lab.
 *
 * @packageDocumentation
 */
export { isNoLab } from './errors.ts'
export { expectationOf, pairName } from './pairs.ts'
export type { Pair } from './pairs.ts'
export type { RunResult } from './results.ts'
export { runCli } from './run/cli-run.ts'
export { setScene } from './run/scene.ts'
export type { Scene } from './run/scene.ts'
