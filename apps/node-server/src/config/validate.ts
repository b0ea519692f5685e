import { multiaddr } from '@multiformats/multiaddr'
import type { TSchema } from 'typebox'
import { Value } from 'typebox/value'
import { ConfigError } from '../errors.ts'
import { isLoopback } from '../http/host-check.ts'
import { ConfigSchema } from './schema.ts'
import type { Config, ConfigInput } from './schema.ts'

/** Check a parsed file or environment; throws `ConfigError` that names the first key that is wrong. */
export function checkShape(input: unknown, source: string): ConfigInput {
  const fault = shapeFault(ConfigSchema, input)
  if (fault !== undefined) {
    throw new ConfigError(fault.key, fault.problem, source)
  }
  return input as ConfigInput
}

/** The first thing in `input` that the schema does not allow: `http.port`, or empty for the whole, and what is wrong. */
export function shapeFault(schema: TSchema, input: unknown): { key: string; problem: string } | undefined {
  if (Value.Check(schema, input)) {
    return undefined
  }
  for (const error of Value.Errors(schema, input)) {
    // an unknown key fails the schema "false", which says nothing to a reader
    const problem = error.keyword === 'boolean' ? 'is not a known key' : describe(error)
    return { key: toKey(error.instancePath), problem }
  }
  return { key: '', problem: 'is not what is expected' }
}

/** What the schema cannot say: addresses that parse, and an HTTP server that only this machine reaches. */
export function checkMeaning(config: Config, source: string): Config {
  for (const key of ['listen', 'announce', 'bootstrap'] as const) {
    config[key].forEach((address, index) => {
      const problem = addressProblem(address)
      if (problem !== undefined) {
        throw new ConfigError(`${key}[${index}]`, problem, source)
      }
    })
  }
  if (config.http.host !== '' && !isLoopback(config.http.host) && !config.http.allowRemote) {
    const problem = `is ${config.http.host}, which other machines reach: set http.allowRemote to true if that is meant`
    throw new ConfigError('http.host', problem, source)
  }
  return config
}

function addressProblem(address: string): string | undefined {
  try {
    multiaddr(address)
    return undefined
  } catch {
    return `'${address}' is not a multiaddr`
  }
}

function describe(error: { readonly keyword: string; readonly message: string; readonly params: object }): string {
  if (error.keyword === 'enum') {
    const { allowedValues } = error.params as { allowedValues?: readonly string[] }
    return `must be one of ${(allowedValues ?? []).join(', ')}`
  }
  return error.message
}

/** `/http/port` is `http.port`, `/listen/0` is `listen[0]`. */
function toKey(instancePath: string): string {
  return instancePath
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((part, index) => (/^\d+$/.test(part) ? `[${part}]` : index === 0 ? part : `.${part}`))
    .join('')
}
