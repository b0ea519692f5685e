/**
 * @packageDocumentation
 *
 * The words P2PShare packages share: interfaces by which sibling packages meet without importing each other, and the
 * base of all errors. Almost no runtime.
 */
export type * from './announcements.ts'
export type * from './blob-store.ts'
export * from './bulk-channels.ts'
export * from './datagram-endpoint.ts'
export * from './errors.ts'
export * from './guarded-muxer.ts'
export * from './interrupts.ts'
export * from './local-port-dialer.ts'
export type * from './membership.ts'
export type * from './path.ts'
export type * from './peer-exchange.ts'
export * from './peer-standing.ts'
export * from './resolved-gate.ts'
export type * from './routing.ts'
