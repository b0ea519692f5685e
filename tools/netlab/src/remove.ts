import { checkLabName } from './options.ts'
import { namespaceOf, unwiring } from './plan/scripts.ts'
import { run } from './run/command.ts'
import { abandon } from './run/ground.ts'
import { killAll, namespaceId, processesIn } from './run/processes.ts'
import { forgetState, loadState } from './run/state.ts'

/** Remove a lab, or what a killed run left of one, by its name. */
export async function removeLab(name: string): Promise<void> {
  checkLabName(name)
  const state = await loadState(name)
  if (state?.ground.kind === 'user') {
    await abandon(state.ground)
  } else if (process.getuid?.() === 0) {
    await removeNamespaces(name)
  }
  await forgetState(name)
}

async function removeNamespaces(name: string): Promise<void> {
  const { stdout } = await run(['ip', 'netns', 'list'])
  const prefix = namespaceOf(name, '')
  const names = stdout.split('\n').flatMap((line) => {
    const [namespace = ''] = line.split(' ')
    return namespace.startsWith(prefix) ? [namespace] : []
  })
  if (names.length === 0) {
    return
  }
  const ids = new Set(names.flatMap((namespace) => namespaceId('net', `/run/netns/${namespace}`) ?? []))
  await killAll(() => processesIn('net', ids))
  await run(['ip', '-force', '-batch', '-'], { input: unwiring(names) })
}
