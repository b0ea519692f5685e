import { UnsafePathError } from './errors.ts'
import type { FileEntry } from './leaf-map.ts'
import { collisions, portabilityProblem, printable, splitPath } from './paths.ts'

/** Names said in one warning; a person needs an example, not a list of thousands. */
const NAMED = 3

/** File systems that take `A` and `a` for one name, by platform; elsewhere that is an unusual mount option. */
const FOLDING: ReadonlySet<NodeJS.Platform> = new Set(['win32', 'darwin'])

/**
 * Whether the paths of a share can all be created here, before anything is (SPEC.md#names). Returns what is worth telling
 * the user: names that only other systems refuse.
 *
 * @throws UnsafePathError for what this system cannot create: on Windows its reserved names, on systems that fold case
 *   or composition two names that would become one file.
 */
export function checkPortable(files: readonly FileEntry[], platform: NodeJS.Platform = process.platform): string[] {
  const paths = files.map((file) => file.path)
  const [same] = collisions(paths)
  if (same !== undefined && FOLDING.has(platform)) {
    throw new UnsafePathError(same.join(', '), 'these would be one file on this system')
  }
  const foreign = paths.filter((path) => splitName(path).some((part) => portabilityProblem(part) !== undefined))
  const [first] = foreign
  if (first !== undefined && platform === 'win32') {
    throw new UnsafePathError(first, 'Windows cannot create this name')
  }
  return [
    ...(foreign.length === 0 ? [] : [`${some(foreign)} cannot be created on Windows`]),
    ...(same === undefined ? [] : [`${some(same)} are one file on Windows and macOS`])
  ]
}

/** A share that is a single file has no path. */
function splitName(path: string): string[] {
  return path === '' ? [] : splitPath(path)
}

function some(paths: readonly string[]): string {
  const more = paths.length > NAMED ? ` and ${paths.length - NAMED} more` : ''
  return `${paths.slice(0, NAMED).map(printable).join(', ')}${more}`
}
