import { formatFiles, generateFiles, names, readJson } from '@nx/devkit'
import type { Tree } from '@nx/devkit'
import { join } from 'node:path'

export interface PackageOptions {
  name: string
  description?: string
}

const LICENCES = ['LICENSE', 'LICENSE-APACHE', 'LICENSE-MIT']

/** `nx g @p2pshare/tool-workspace-plugin:package <name>`; then `npm install` and `nx sync`. */
export async function packageGenerator(tree: Tree, options: PackageOptions): Promise<void> {
  const { name, description = `The ${options.name} service for js-libp2p nodes` } = options
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name)) {
    throw new Error(`${JSON.stringify(name)}: use lower-case words joined by hyphens`)
  }
  const folder = `packages/${name}`
  if (tree.exists(folder)) {
    throw new Error(`${folder} exists`)
  }
  // a new package joins the others at their version, with their ranges
  const sibling = readJson<{ version: string; dependencies: Record<string, string> }>(
    tree,
    'packages/interface/package.json'
  )
  const { className, propertyName } = names(name)
  generateFiles(tree, join(import.meta.dirname, 'files'), folder, {
    name,
    description,
    Service: className,
    service: propertyName,
    constant: names(name).constantName,
    version: sibling.version,
    libp2pInterface: sibling.dependencies['@libp2p/interface']
  })
  for (const licence of LICENCES) {
    tree.write(`${folder}/${licence}`, tree.read(licence) ?? '')
  }
  await formatFiles(tree)
}
