import { once } from 'node:events'
import { join } from 'node:path'
import { NotInLabError } from '../errors.ts'
import type { AbortOptions, LabHost } from '../types.ts'
import { judge } from './verdict.ts'
import type { Classification, ProbeFindings } from './verdict.ts'

const SOURCES = join(import.meta.dirname, '..')

/** Ask from `host` how the relay sees it, with an echo server that runs there meanwhile. */
export async function classifyHost(
  host: LabHost,
  relay: LabHost,
  { family, signal }: AbortOptions & { readonly family?: 4 | 6 }
): Promise<Classification> {
  const wanted = family ?? (host.addresses.some((address) => !address.includes(':')) ? 4 : 6)
  const ofFamily = ({ addresses }: LabHost) => addresses.filter((address) => address.includes(':') === (wanted === 6))
  const [one, two] = ofFamily(relay)
  if (one === undefined || two === undefined || ofFamily(host).length === 0) {
    throw new NotInLabError(`${host.name} and ${relay.name} do not both have IPv${wanted}`)
  }
  const server = relay.spawn(process.execPath, [...nodeFlags(), join(SOURCES, 'echo-main.ts'), one, two], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: plainEnvironment()
  })
  const ended = once(server, 'close')
  try {
    const failed = ended.then(() => {
      throw new NotInLabError(`the echo server on ${relay.name} ended`, 'is another classify running in this lab?')
    })
    await Promise.race([
      server.stdout === null ? failed : once(server.stdout, 'data', { ...(signal && { signal }) }),
      failed
    ])
    const { stdout } = await host.exec(process.execPath, [...nodeFlags(), join(SOURCES, 'probe-main.ts'), one, two], {
      signal,
      env: plainEnvironment()
    })
    failed.catch(() => {})
    // printed by our own probe
    return judge(host.name, wanted, JSON.parse(stdout) as ProbeFindings)
  } finally {
    server.kill('SIGKILL')
    await ended.catch(() => {})
  }
}

function nodeFlags(): string[] {
  return ['--no-warnings']
}

/** A debugger or a test runner that watches this process must not open ports in the lab. */
function plainEnvironment(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _, ...rest } = process.env
  return rest
}
