/** Protocols that are proposed without waiting for the answer. */
export { aheadStreams } from './ahead-streams.ts'
export { ahead } from './ahead-transport.ts'
export { selectAhead } from './select-ahead.ts'
