import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { NodePlan } from '../plan/plan.ts'
import { namespaceOf } from '../plan/scripts.ts'
import { upnpConfig } from '../plan/upnp.ts'
import { onGround } from './ground.ts'
import type { Ground } from './ground.ts'
import { startService } from './service.ts'
import { labFolder } from './state.ts'

/** Start miniupnpd on a router that has it. */
export async function startUpnp(
  lab: string,
  ground: Ground,
  { name, upnp }: Pick<NodePlan, 'name' | 'upnp'>,
  signal: AbortSignal | undefined
): Promise<void> {
  if (upnp === undefined) {
    return
  }
  const folder = join(labFolder(lab), name)
  const config = join(folder, 'miniupnpd.conf')
  const pid = join(folder, 'miniupnpd.pid')
  await mkdir(folder, { recursive: true })
  await writeFile(config, upnpConfig(upnp, folder))
  // a router that was killed leaves both: with the one the next does not start, with the other it forgets nothing
  await Promise.all([pid, join(folder, 'leases')].map(async (path) => await rm(path, { force: true })))
  await startService(
    onGround(ground, ['ip', 'netns', 'exec', namespaceOf(lab, name), 'miniupnpd', '-d', '-f', config, '-P', pid]),
    {
      log: join(folder, 'miniupnpd.log'),
      ready: 'Listening for NAT-PMP',
      signal
    }
  )
}
