import { readFile, stat } from 'node:fs/promises'
import { dirname, isAbsolute, resolve } from 'node:path'
import { ConfigError } from '../errors.ts'
import { CONFIG_FILE_ENV, configFromEnv } from './env.ts'
import type { Env } from './env.ts'
import { withDefaults } from './defaults.ts'
import type { Config, ConfigInput } from './schema.ts'
import { checkMeaning, checkShape } from './validate.ts'

/** `MAX_SHARES` paths of ordinary length fit many times over. */
export const MAX_CONFIG_BYTES = 4 * 1024 * 1024

export interface LoadConfigOptions {
  /** Command-line words after the program's name. */
  readonly argv: readonly string[]
  readonly env: Env
  readonly cwd: string
}

/**
 * The configuration from a file (`--config FILE` or `P2PSHARE_SERVER_CONFIG`), the environment, and the defaults, the
 * environment being stronger than the file. Rejects with `ConfigError`.
 */
export async function loadConfig({ argv, env, cwd }: LoadConfigOptions): Promise<Config> {
  const file = fileFromArguments(argv) ?? env[CONFIG_FILE_ENV]
  const fromFile = file === undefined ? {} : await readConfigFile(resolve(cwd, file))
  const fromEnv = checkShape(configFromEnv(env), 'environment')
  return checkMeaning(withDefaults(merge(fromFile, fromEnv)), file ?? 'environment')
}

async function readConfigFile(file: string): Promise<ConfigInput> {
  let text: string
  try {
    const { size } = await stat(file)
    if (size > MAX_CONFIG_BYTES) {
      throw new ConfigError('', `is larger than ${MAX_CONFIG_BYTES} bytes`, file)
    }
    text = await readFile(file, 'utf8')
  } catch (cause) {
    if (cause instanceof ConfigError) {
      throw cause
    }
    const errno = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : ''
    throw new ConfigError('', `cannot be read${errno}`, file, { cause })
  }
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : 'not JSON'
    throw new ConfigError('', `is not JSON: ${why}`, file, { cause })
  }
  return fromDirectory(checkShape(parsed, file), dirname(file))
}

/** Paths in a file are meant from where the file is. */
function fromDirectory(config: ConfigInput, directory: string): ConfigInput {
  const { home, networkKey, shares } = config
  const absolute = (path: string): string => (isAbsolute(path) ? path : resolve(directory, path))
  return {
    ...config,
    ...(home === undefined ? {} : { home: absolute(home) }),
    ...(networkKey === undefined ? {} : { networkKey: absolute(networkKey) }),
    ...(shares === undefined ? {} : { shares: shares.map(absolute) })
  }
}

function merge(weak: ConfigInput, strong: ConfigInput): ConfigInput {
  return {
    ...weak,
    ...strong,
    http: { ...weak.http, ...strong.http },
    relay: { ...weak.relay, ...strong.relay },
    stun: { ...weak.stun, ...strong.stun },
    limits: { ...weak.limits, ...strong.limits },
    scrub: { ...weak.scrub, ...strong.scrub },
    log: { ...weak.log, ...strong.log }
  }
}

function fileFromArguments(argv: readonly string[]): string | undefined {
  const [flag, value, ...rest] = argv.flatMap((word) =>
    word.startsWith('--config=') ? ['--config', word.slice('--config='.length)] : [word]
  )
  if (flag === undefined) {
    return undefined
  }
  if (flag !== '--config') {
    throw new ConfigError('', `${flag} is not an option; there is --config FILE, --help and --version`, 'command line')
  }
  if (value === undefined || value === '' || rest.length > 0) {
    throw new ConfigError('', '--config takes one file', 'command line')
  }
  return value
}
