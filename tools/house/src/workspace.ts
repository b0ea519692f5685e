import { existsSync, globSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** The repository, wherever the tool was started from. */
export const ROOT = resolve(import.meta.dirname, '../../..')

export interface Manifest {
  name: string
  version: string
  private?: boolean
  description?: string
  license?: string
  type?: string
  keywords?: string[]
  files?: string[]
  engines?: Record<string, string>
  exports?: Record<string, unknown>
  bin?: Record<string, string>
  nx?: { tags?: string[] }
  scripts?: Record<string, string>
  dependencies?: Record<string, string>
  devDependencies?: Record<string, string>
  peerDependencies?: Record<string, string>
  optionalDependencies?: Record<string, string>
}

export interface Project {
  /** Relative to the root, with forward slashes: `packages/dht`. */
  folder: string
  manifest: Manifest
  /** Has a tsconfig.json, and so is checked and linted. */
  typescript: boolean
}

/** Every workspace project, in the order of its folder's name. */
export function projects(): Project[] {
  return globSync('{packages,apps,tools,examples}/*/package.json', { cwd: ROOT })
    .map((file) => file.replaceAll('\\', '/'))
    .sort()
    .map((file) => {
      const folder = file.slice(0, -'/package.json'.length)
      return { folder, manifest: readJson(file) as Manifest, typescript: exists(`${folder}/tsconfig.json`) }
    })
}

/** The ones that go to the registry. */
export function publishable(): Project[] {
  return projects().filter(({ manifest }) => manifest.private !== true)
}

export function read(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8')
}

export function readJson(file: string): unknown {
  return JSON.parse(read(file))
}

export function exists(file: string): boolean {
  return existsSync(join(ROOT, file))
}

/** Files of the repository that match, relative to the root; built and installed files are left out. */
export function files(pattern: string | string[]): string[] {
  const skipped = new Set(['node_modules', 'dist', 'out-tsc', 'test-results', 'coverage', '.git', '.nx', 'tmp'])
  return globSync(pattern, { cwd: ROOT, exclude: (name) => skipped.has(name.split(/[\\/]/).at(-1) ?? '') })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => !file.startsWith('docs/api/'))
    .sort()
}
