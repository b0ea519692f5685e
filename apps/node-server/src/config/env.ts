import { ConfigError } from '../errors.ts'
import { ConfigSchema } from './schema.ts'

export const ENV_PREFIX = 'P2PSHARE_SERVER_'

/** Names the configuration file; not a key of it. */
export const CONFIG_FILE_ENV = `${ENV_PREFIX}CONFIG`

export type Env = Readonly<Record<string, string | undefined>>

interface SchemaNode {
  readonly type?: string
  readonly properties?: Readonly<Record<string, SchemaNode>>
}

interface Leaf {
  readonly path: readonly string[]
  readonly type: string
}

/** Every key of the schema with the name of its variable: `http.allowRemote` is `P2PSHARE_SERVER_HTTP_ALLOW_REMOTE`. */
export function envNames(): Map<string, Leaf> {
  const names = new Map<string, Leaf>()
  const walk = (node: SchemaNode, path: readonly string[]): void => {
    for (const [key, child] of Object.entries(node.properties ?? {})) {
      const below = [...path, key]
      if (child.properties === undefined) {
        names.set(ENV_PREFIX + below.map(toUpperSnake).join('_'), { path: below, type: child.type ?? 'string' })
      } else {
        walk(child, below)
      }
    }
  }
  // a TypeBox schema is JSON Schema: plain data, whatever its TypeScript type
  walk(ConfigSchema as unknown as SchemaNode, [])
  return names
}

/**
 * The configuration that is in the environment, in the shape of a file and not yet checked against the schema. Lists
 * are separated by commas, or a JSON array when an entry has a comma itself. Throws `ConfigError` for a
 * `P2PSHARE_SERVER_` variable that is not known or cannot be read.
 */
export function configFromEnv(env: Env): Record<string, unknown> {
  const names = envNames()
  const config: Record<string, unknown> = {}
  for (const [name, text] of Object.entries(env)) {
    if (!name.startsWith(ENV_PREFIX) || name === CONFIG_FILE_ENV || text === undefined) {
      continue
    }
    const leaf = names.get(name)
    if (leaf === undefined) {
      throw new ConfigError(name, 'is not a known variable', 'environment')
    }
    set(config, leaf.path, parseValue(name, text, leaf))
  }
  return config
}

function parseValue(name: string, text: string, leaf: Leaf): unknown {
  switch (leaf.type) {
    case 'boolean':
      return parseBoolean(name, text, leaf)
    case 'integer':
      // anything else stays text, and the schema says what is wrong with it
      return /^-?\d+$/.test(text.trim()) ? Number(text) : text
    case 'array':
      return parseList(name, text, leaf)
    default:
      return text
  }
}

function parseBoolean(name: string, text: string, leaf: Leaf): boolean {
  if (/^(1|true|yes|on)$/i.test(text)) {
    return true
  }
  if (/^(0|false|no|off)$/i.test(text)) {
    return false
  }
  throw new ConfigError(leaf.path.join('.'), `must be true or false, not '${text}'`, name)
}

function parseList(name: string, text: string, leaf: Leaf): unknown {
  if (!text.trimStart().startsWith('[')) {
    return text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '')
  }
  try {
    return JSON.parse(text) as unknown
  } catch (cause) {
    throw new ConfigError(leaf.path.join('.'), 'starts with [ but is not a JSON array', name, { cause })
  }
}

function set(target: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [key, ...rest] = path
  if (key === undefined) {
    return
  }
  if (rest.length === 0) {
    target[key] = value
    return
  }
  const child = (target[key] ??= {}) as Record<string, unknown>
  set(child, rest, value)
}

function toUpperSnake(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()
}
