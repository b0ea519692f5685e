import { posix, win32 } from 'node:path'
import { MAX_NAME_BYTES, MAX_PATH_BYTES, MAX_PATH_DEPTH } from './constants.ts'
import { UnsafePathError } from './errors.ts'

/*
 * The one path sanitiser (SPEC.md#names). Every name that comes from a peer, a link, an archive or an API passes here
 * before it becomes a path. It rejects and never repairs: two nodes always agree on what a name means.
 *
 * Two levels:
 * - `nameProblem` / `checkName`: refused by every receiver on every system. An importer may still compute the id of such
 *   an entry, and says that receivers will refuse it.
 * - `portabilityProblem`: cannot be created on Windows. A receiver on Windows refuses it; others warn and go on, since
 *   `a:b.txt` is an ordinary name to them.
 */

/** Longest piece of a refused path that an error message repeats. */
const MAX_SHOWN_LENGTH = 200

/** C0, DEL, C1 and the line and paragraph separators: they move a terminal's cursor or end a line. */
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/u

/** Change the direction of what follows, so that `exe.txt` can be shown for `txt.exe`. */
const BIDI = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u

/**
 * Rendered as nothing, so that two different names look alike. The joiners U+200C and U+200D are treated apart, and
 * variation selectors are left alone: emoji are spelt with both.
 */
const INVISIBLE =
  /[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b\u2060-\u2065\u206a-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{e0000}-\u{e00ff}\u{e01f0}-\u{e0fff}]/u

/**
 * A joiner is spelling in Persian, Indic scripts and emoji, always between two characters of theirs. Anywhere else
 * (at an end, beside ASCII, Latin, punctuation or another joiner) it only hides.
 */
const STRAY_JOINER =
  /(?<![\u0300-\u1fff\u2070-\u2fff\u3001-\ud7ff\uf900-\ufdff\ufe00-\ufe0f\u{10000}-\u{10ffff}])[\u200c\u200d]|[\u200c\u200d](?![\u0300-\u1fff\u2070-\u2fff\u3001-\ud7ff\uf900-\ufdff\u{10000}-\u{10ffff}])/u

/** England, Scotland, Wales: the only sequences that Unicode recommends tag characters for. */
const FLAG_TAGS = /\u{1f3f4}[\u{e0030}-\u{e0039}\u{e0061}-\u{e007a}]{3,6}\u{e007f}/gu

const LONE_SURROGATE = /[\ud800-\udfff]/u

/** Names of devices since DOS, with any extension; Windows takes superscript digits for digits. */
const DEVICE = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[1-9¹²³]) *(?:\.|$)/iu

const WINDOWS_RESERVED = /[<>:"|?*]/u

const utf8 = new TextEncoder()

/** Why no receiver creates an entry with this name, or `undefined` when it is fine. One path part. */
export function nameProblem(name: string): string | undefined {
  if (name === '') {
    return 'empty name'
  }
  if (name === '.' || name === '..') {
    return 'a name that means another directory'
  }
  if (name.includes('/') || name.includes('\\')) {
    return 'a path separator in a name'
  }
  if (name.length > MAX_NAME_BYTES || utf8.encode(name).byteLength > MAX_NAME_BYTES) {
    return `a name of more than ${MAX_NAME_BYTES} bytes`
  }
  if (LONE_SURROGATE.test(name)) {
    return 'half a character (a lone surrogate)'
  }
  if (CONTROL.test(name)) {
    return 'a control character'
  }
  if (BIDI.test(name)) {
    return 'a character that changes the writing direction'
  }
  if (hasInvisible(name)) {
    return 'an invisible character'
  }
  return undefined
}

/**
 * Why Windows cannot create this name as it is, or `undefined` when it can: reserved characters (drive letters and
 * alternate streams among them), device names, a dot or space at the end.
 */
export function portabilityProblem(name: string): string | undefined {
  const reserved = WINDOWS_RESERVED.exec(name)
  if (reserved !== null) {
    return `the character ${reserved[0]}`
  }
  if (DEVICE.test(name)) {
    return 'the name of a device'
  }
  if (/[. ]$/u.test(name)) {
    return 'a dot or space at the end'
  }
  return undefined
}

/**
 * Accept one path part and return it unchanged.
 *
 * @throws UnsafePathError for what `nameProblem` names.
 */
export function checkName(name: string): string {
  const problem = nameProblem(name)
  if (problem !== undefined) {
    throw unsafe(name, problem)
  }
  return name
}

/**
 * The parts of a `/`-joined relative path, each through `checkName`.
 *
 * @throws UnsafePathError also for absolute and empty paths, more than `MAX_PATH_BYTES` or `MAX_PATH_DEPTH`.
 */
export function splitPath(path: string): string[] {
  if (path === '') {
    throw unsafe(path, 'empty path')
  }
  // length first: it bounds the work of everything below
  if (path.length > MAX_PATH_BYTES || utf8.encode(path).byteLength > MAX_PATH_BYTES) {
    throw unsafe(path, `more than ${MAX_PATH_BYTES} bytes`)
  }
  const parts = path.split('/')
  if (parts.length > MAX_PATH_DEPTH) {
    throw unsafe(path, `more than ${MAX_PATH_DEPTH} levels`)
  }
  for (const part of parts) {
    const problem = nameProblem(part)
    if (problem !== undefined) {
      throw unsafe(path, problem)
    }
  }
  return parts
}

/** Accept a `/`-joined relative path and return it unchanged; throws as `splitPath` does. */
export function checkPath(path: string): string {
  splitPath(path)
  return path
}

/**
 * The place of a share's `path` below `root` on this machine. It says nothing about symlinks that are already there:
 * whoever creates files opens them without following links.
 *
 * @throws UnsafePathError as `splitPath` does, and on Windows for what `portabilityProblem` names.
 */
export function safeJoin(root: string, path: string, platform: NodeJS.Platform = process.platform): string {
  const parts = splitPath(path)
  if (platform !== 'win32') {
    return posix.resolve(root, ...parts)
  }
  for (const part of parts) {
    const problem = portabilityProblem(part)
    if (problem !== undefined) {
      throw unsafe(path, `Windows cannot create ${problem}`)
    }
  }
  return win32.resolve(root, ...parts)
}

/**
 * Groups of paths that are one entry where the file system folds case or Unicode composition: `a/B.txt` and `a/b.txt`.
 * Spellings of a directory count once, under the directory's own path. The order is that of first appearance.
 */
export function collisions(paths: Iterable<string>): string[][] {
  // most names collide with nothing: a Set only for those that do
  const spellings = new Map<string, string | Set<string>>()
  const directories = new Set<string>()
  const note = (path: string): void => {
    const slash = path.lastIndexOf('/')
    const parent = path.slice(0, slash + 1)
    if (slash > 0 && !directories.has(parent)) {
      directories.add(parent)
      note(path.slice(0, slash))
    }
    const key = parent + fold(path.slice(slash + 1))
    const known = spellings.get(key)
    if (known === undefined) {
      spellings.set(key, path)
    } else if (typeof known !== 'string') {
      known.add(path)
    } else if (known !== path) {
      spellings.set(key, new Set([known, path]))
    }
  }
  for (const path of paths) {
    note(path)
  }
  return [...spellings.values()].filter((group) => typeof group !== 'string').map((group) => [...group])
}

/** `text` for a terminal or a log: what could move the cursor, change direction or hide is written as `\u{…}`. */
export function printable(text: string): string {
  let shown = ''
  for (const character of text) {
    const hides = CONTROL.test(character) || BIDI.test(character) || LONE_SURROGATE.test(character)
    shown += hides || isInvisible(character) ? escapeCharacter(character) : character
  }
  return STRAY_JOINER.test(shown) ? shown.replace(/[\u200c\u200d]/gu, escapeCharacter) : shown
}

/**
 * What the more eager file systems do: full case folding and canonical composition. Folding more than a given system
 * does costs a warning; folding less would cost a file.
 */
function fold(name: string): string {
  return name
    .normalize('NFC')
    .replace(/[\u200c\u200d]/gu, '')
    .toLowerCase()
    .toUpperCase()
    .normalize('NFC')
}

function hasInvisible(name: string): boolean {
  return isInvisible(name.replace(FLAG_TAGS, '')) || STRAY_JOINER.test(name)
}

function isInvisible(text: string): boolean {
  return INVISIBLE.test(text)
}

function escapeCharacter(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`
}

function unsafe(path: string, why: string): UnsafePathError {
  const clipped = path.length > MAX_SHOWN_LENGTH ? `${path.slice(0, MAX_SHOWN_LENGTH)}…` : path
  return new UnsafePathError(printable(clipped), why)
}
