/**
 * @packageDocumentation
 *
 * A long-running P2PShare node: bootstrap, relay and seeder, with health and metrics over HTTP. The program is
 * `bin/p2pshare-node-server.js`; this is the same as functions, for those who embed it.
 */
export { DEFAULTS } from './config/defaults.ts'
export { loadConfig } from './config/load.ts'
export type { LoadConfigOptions } from './config/load.ts'
export { ConfigSchema } from './config/schema.ts'
export type { Config, ConfigInput, LogLevel } from './config/schema.ts'
export { ConfigError, ShutdownTimeoutError } from './errors.ts'
export { startServer } from './server.ts'
export type { RunningServer, ServerContext } from './server.ts'
