import { join } from 'node:path'
import { NetLab } from './lab.ts'
import { checkLabName, resolveLabOptions } from './options.ts'
import type { LabOptions, ResolvedLabOptions } from './options.ts'
import { SWITCH_NODE, planLab } from './plan/plan.ts'
import type { LabPlan } from './plan/plan.ts'
import { namespaceOf, nodeScript, switchLines, switchScript, wiring } from './plan/scripts.ts'
import { removeLab } from './remove.ts'
import { run } from './run/command.ts'
import type { Argv } from './run/command.ts'
import { exists, findGround, onGround } from './run/ground.ts'
import type { Ground } from './run/ground.ts'
import { startService } from './run/service.ts'
import { controlSocket, labFolder, loadState, saveState, savedLabs } from './run/state.ts'
import { ensureTools } from './run/tools.ts'
import { startUpnp } from './run/upnp.ts'
import { compileSwitch, switchProgram } from './switch/compile.ts'
import type { BuildOptions, Lab } from './types.ts'

/**
 * Build a network: `await using lab = await buildLab({ a: 'port-restricted', b: 'symmetric' })`. What is left of an
 * earlier lab of the same name is removed first, with all that runs in it.
 *
 * @throws InvalidLabOptionError, MissingToolsError, NoNamespacesError; LabCommandError when the system refuses a step
 */
export async function buildLab(options: LabOptions = {}, { signal, install }: BuildOptions = {}): Promise<Lab> {
  const startedAt = performance.now()
  const resolved = resolveLabOptions(options)
  const plan = planLab(resolved)
  const { path, compiled } = await switchProgram()
  const upnp = plan.nodes.some((node) => node.upnp !== undefined)
  await ensureTools({ compiler: !compiled, upnp }, { signal, install })
  if (!compiled) {
    await compileSwitch(path, signal)
  }
  await removeLab(resolved.name)
  const ground = await findGround(resolved.ground, signal)
  try {
    // saved first: whatever happens from now on, the next one of this name cleans up
    await saveState({ options: resolved, ground, generations: {}, links: {} })
    await erect(resolved, plan, ground, path, signal)
    return new NetLab({ options: resolved, ground, generations: {}, links: {} }, performance.now() - startedAt)
  } catch (error) {
    await removeLab(resolved.name)
    throw error
  }
}

/** A lab that another process built; undefined: there is none, or what held it is gone. */
export async function openLab(name: string): Promise<Lab | undefined> {
  checkLabName(name)
  const state = await loadState(name)
  return state !== undefined && exists(state.ground) ? new NetLab(state, 0) : undefined
}

/** Names of the labs of this user, whole or broken. */
export async function listLabs(): Promise<string[]> {
  return await savedLabs()
}

async function erect(
  options: ResolvedLabOptions,
  plan: LabPlan,
  ground: Ground,
  program: string,
  signal: AbortSignal | undefined
): Promise<void> {
  const space = (node: string) => namespaceOf(options.name, node)
  const script = async (node: string, input: string) =>
    await run(onGround(ground, ['ip', 'netns', 'exec', space(node), 'sh', '-e', '-s']), { input, signal })
  await run(onGround(ground, ['ip', '-batch', '-']), { input: wiring(plan), signal })
  await Promise.all([
    script(SWITCH_NODE, switchScript(plan)),
    ...plan.nodes.map(async (node) => await script(node.name, nodeScript(node)))
  ])
  const forward: Argv = [program, controlSocket(options.name), String(options.seed)]
  await startService(onGround(ground, ['ip', 'netns', 'exec', space(SWITCH_NODE), ...forward]), {
    log: join(labFolder(options.name), 'switch.log'),
    ready: 'ready\n',
    input: switchLines(plan),
    signal
  })
  for (const node of plan.nodes) {
    await startUpnp(options.name, ground, node, signal)
  }
}
