/**
 * @packageDocumentation
 *
 * The words P2PShare packages share: interfaces by which sibling packages meet without importing each other, and the
 * base of all errors. Almost no runtime.
 */
export * from './blob-store.ts'
export * from './errors.ts'
export * from './membership.ts'
export * from './path.ts'
export * from './peer-exchange.ts'
export * from './routing.ts'
