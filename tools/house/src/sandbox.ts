import { isBuiltin } from 'node:module'
import type { Manifest, Project } from './workspace.ts'

/** The package.json of an empty folder in which programs see nothing but what they import. */
export interface Sandbox {
  name: string
  private: true
  type: 'module'
  dependencies: Record<string, string>
  /** Our packages that come along must be the packed ones too. */
  overrides: Record<string, string>
}

/** Package names that a program imports; `@scope/name/sub` counts as `@scope/name`. */
export function importedPackages(code: string): string[] {
  const found = new Set<string>()
  for (const [, specifier = ''] of code.matchAll(/^\s*(?:import|export)\s(?:[^'"]*?\sfrom\s)?\s*['"]([^'"]+)['"]/gm)) {
    if (!specifier.startsWith('.') && !isBuiltin(specifier)) {
      const [first = '', second] = specifier.split('/')
      found.add(first.startsWith('@') && second !== undefined ? `${first}/${second}` : first)
    }
  }
  return [...found]
}

/** The version range that the workspace uses for a package of others. */
function rangeOf(name: string, all: Project[]): string | undefined {
  const rangeIn = ({ dependencies, devDependencies }: Manifest): string | undefined =>
    dependencies?.[name] ?? devDependencies?.[name]
  return all.map(({ manifest }) => rangeIn(manifest)).find((range) => range !== undefined)
}

/**
 * @param direct - packages of ours and of others that are installed by name
 * @param tarballs - where each package of ours was packed
 */
export function sandbox(direct: string[], tarballs: Map<string, string>, all: Project[]): Sandbox {
  const dependencies: Record<string, string> = {}
  for (const name of direct) {
    const tarball = tarballs.get(name)
    const range = tarball === undefined ? rangeOf(name, all) : `file:${tarball}`
    if (range === undefined) {
      throw new Error(`a program imports ${name}, which no package of the workspace depends on`)
    }
    dependencies[name] = range
  }
  return {
    name: 'sandbox',
    private: true,
    type: 'module',
    dependencies,
    overrides: Object.fromEntries([...tarballs].map(([name, tarball]) => [name, `file:${tarball}`]))
  }
}
