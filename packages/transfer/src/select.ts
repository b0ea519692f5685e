import { InvalidOptionError } from '@p2pshare/interface'
import { MAX_PATH_BYTES } from './constants.ts'
import { parseGlob } from './glob.ts'

/** No path is longer than this, so no useful pattern is much longer either. */
export const MAX_PATTERN_LENGTH = MAX_PATH_BYTES

/** A file picker may name files one by one. */
export const MAX_PATTERNS = 10_000

/** Patterns with wildcards are tried on each file in turn; the others are looked up. */
export const MAX_WILDCARD_PATTERNS = 100

/**
 * The files that at least one pattern names, as ascending indices into `files`; none when nothing fits.
 *
 * - `*` stands for any characters of a name, `?` for one, `[a-z]` and `[!a-z]` for one of a set, `{a,b}` for either,
 *   `**` as a whole name for any number of directories. `\` makes the next character ordinary. A leading dot is nothing
 *   special.
 * - A pattern without `/` fits the name of a file in any directory; with one it fits the whole path, and a `/` in front
 *   says just that. A `/` at the end stands for everything below. Without wildcards, the name of a directory does too.
 * - No patterns: all files. A share that is one file has no path to choose by: always that file.
 *
 * Case counts; composed and decomposed accents are equal. Time is linear in path and pattern, however hostile.
 *
 * @throws InvalidOptionError for a pattern that is empty, too long or nested too deep, or too many of them
 */
export function selectFiles(
  files: ReadonlyArray<{ readonly path: string }>,
  patterns: readonly string[] = []
): number[] {
  const isNamed = compile(patterns)
  const selected: number[] = []
  for (const [index, { path }] of files.entries()) {
    if (patterns.length === 0 || path === '' || isNamed(path.normalize('NFC'))) {
      selected.push(index)
    }
  }
  return selected
}

function compile(patterns: readonly string[]): (path: string) => boolean {
  if (patterns.length > MAX_PATTERNS) {
    throw new InvalidOptionError('select', `${patterns.length} patterns, at most ${MAX_PATTERNS}`)
  }
  /** Whole paths, then names at any depth; directories end in `/`. */
  const literals = { paths: new Set<string>(), names: new Set<string>() }
  const wildcards: Array<(path: string) => boolean> = []
  for (const pattern of patterns.map(checkPattern)) {
    const below = pattern.endsWith('/')
    const inner = pattern.replace(/^\//u, '').replace(/\/$/u, '')
    const anywhere = !inner.includes('/') && !pattern.startsWith('/')
    const { literal } = parseGlob(inner)
    if (literal === undefined) {
      wildcards.push(parseGlob(`${anywhere ? '**/' : ''}${inner}${below ? '/**' : ''}`).matches)
      continue
    }
    const target = anywhere ? literals.names : literals.paths
    target.add(`${literal}/`)
    if (!below) {
      target.add(literal)
    }
  }
  if (wildcards.length > MAX_WILDCARD_PATTERNS) {
    const found = `${wildcards.length} patterns with wildcards`
    throw new InvalidOptionError('select', `${found}, at most ${MAX_WILDCARD_PATTERNS}`)
  }
  return (path) => isLiteral(path, literals) || wildcards.some((matches) => matches(path))
}

/** Whether the path itself or a directory above it was named. */
function isLiteral(path: string, { paths, names }: { paths: Set<string>; names: Set<string> }): boolean {
  let start = 0
  for (let slash = path.indexOf('/'); slash !== -1; slash = path.indexOf('/', start)) {
    if (paths.has(path.slice(0, slash + 1)) || names.has(path.slice(start, slash + 1))) {
      return true
    }
    start = slash + 1
  }
  return paths.has(path) || names.has(path.slice(start))
}

function checkPattern(pattern: string): string {
  if (pattern.length > MAX_PATTERN_LENGTH) {
    throw new InvalidOptionError('select', `a pattern of ${pattern.length} characters, at most ${MAX_PATTERN_LENGTH}`)
  }
  if (pattern === '' || pattern === '/') {
    throw new InvalidOptionError('select', 'a pattern that names nothing')
  }
  return pattern.normalize('NFC')
}
