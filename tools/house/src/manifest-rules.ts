import type { Project } from './workspace.ts'

/** What a project of a tag may have in `dependencies`; the lint rule holds the same for imports. */
const MAY_DEPEND_ON: Record<string, string[]> = {
  // an app may carry another as a program that it starts by its bin and never imports
  'type:app': ['type:app', 'type:core', 'type:interface'],
  'type:core': ['type:service', 'type:interface'],
  'type:service': ['type:interface'],
  'type:interface': [],
  'type:testkit': ['type:interface'],
  'type:tool': ['type:app', 'type:core', 'type:service', 'type:interface', 'type:testkit', 'type:tool'],
  'type:example': ['type:app', 'type:core', 'type:service', 'type:interface', 'type:testkit']
}

const INSTALL_SCRIPTS = ['preinstall', 'install', 'postinstall', 'prepare', 'preprepare', 'postprepare']

function tagOf({ manifest }: Project): string {
  return manifest.nx?.tags?.find((tag) => tag.startsWith('type:')) ?? 'none'
}

/** One line for each rule that a package.json breaks. */
export function faultsOf(project: Project, all: Project[]): string[] {
  const { manifest, folder } = project
  const faults: string[] = []
  const fault = (text: string): void => {
    faults.push(`${folder}/package.json: ${text}`)
  }
  const tag = tagOf(project)
  const allowed = MAY_DEPEND_ON[tag]
  if (allowed === undefined) {
    fault(`nx.tags has ${tag === 'none' ? 'no type: tag' : `the unknown tag ${tag}`}`)
  }
  for (const name of INSTALL_SCRIPTS) {
    if (manifest.scripts?.[name] !== undefined) {
      fault(`the script ${name} runs on other people's machines when they install`)
    }
  }
  for (const name of Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })) {
    const target = all.find((other) => other.manifest.name === name)
    if (target !== undefined && allowed?.includes(tagOf(target)) === false) {
      fault(`${tag} may not depend on ${name} (${tagOf(target)})`)
    }
  }
  if (project.typescript && manifest.scripts?.['lint'] === undefined) {
    fault('scripts lack lint')
  }
  if (manifest.private !== true) {
    faults.push(...publishingFaults(project))
  }
  return faults
}

function publishingFaults({ manifest, folder }: Project): string[] {
  const root = manifest.exports?.['.']
  const rules: [boolean, string][] = [
    [manifest.license === 'Apache-2.0 OR MIT', 'license is not Apache-2.0 OR MIT'],
    [manifest.type === 'module', 'type is not module'],
    [manifest.engines?.['node'] === '>=22.12', 'engines.node is not >=22.12'],
    [(manifest.description ?? '').length > 0, 'no description'],
    [(manifest.keywords ?? []).length > 0, 'no keywords'],
    [manifest.files?.includes('LICENSE-*') === true, 'files lacks LICENSE-*'],
    [typeof root === 'object' && root !== null && '@p2pshare/source' in root, 'exports["."] lacks @p2pshare/source'],
    [manifest.exports?.['./package.json'] === './package.json', 'exports lacks ./package.json'],
    [manifest.scripts?.['test'] !== undefined, 'scripts lack test'],
    [manifest.scripts?.['publish-check'] !== undefined, 'scripts lack publish-check']
  ]
  return rules.filter(([ok]) => !ok).map(([, text]) => `${folder}/package.json: ${text}`)
}
