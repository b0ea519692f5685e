import { posix } from 'node:path'

/*
 * What paths mean to the systems, written down apart from the sanitiser and in another way: by doing what they do to a
 * name instead of listing what is forbidden. A path that was let through must mean just itself to all of them.
 */

const DEVICES = new Set([
  ...['CON', 'PRN', 'AUX', 'NUL', 'CLOCK$', 'CONIN$', 'CONOUT$'],
  ...['1', '2', '3', '4', '5', '6', '7', '8', '9', '¹', '²', '³'].flatMap((digit) => [`COM${digit}`, `LPT${digit}`])
])

/** How some system would take a path that was let through for another one; `undefined` when all agree. */
export function escapeOf(path: string): string | undefined {
  const parts = path.split('/')
  if (posix.join('/root', path) !== `/root/${path}`) {
    return 'POSIX goes elsewhere'
  }
  if (!path.isWellFormed() || Buffer.from(path).includes(0)) {
    return 'the system call gets other bytes'
  }
  for (const part of parts) {
    const problem = windowsProblem(part) ?? foldedProblem(part)
    if (problem !== undefined) {
      return `${problem}: ${JSON.stringify(part)}`
    }
  }
  return undefined
}

/** As Win32 does: separators, streams, dropped ends, then the device before the first dot. */
function windowsProblem(part: string): string | undefined {
  if (/[\\/:]/u.test(part)) {
    return 'Windows sees a separator or a stream'
  }
  if (part.replace(/[. ]+$/u, '') !== part) {
    return 'Windows drops its end'
  }
  const stem = part.split('.', 1)[0]?.trim().toUpperCase() ?? ''
  return DEVICES.has(stem) ? 'Windows opens a device' : undefined
}

/** As file systems with folded names do: decompose, drop what is ignored; then it must be a name still. */
function foldedProblem(part: string): string | undefined {
  const folded = part.normalize('NFD').replace(/\p{Default_Ignorable_Code_Point}/gu, '')
  if (folded === '' || folded === '.' || folded === '..') {
    return 'it folds to a directory'
  }
  return folded.includes('/') || folded.includes('\\') ? 'it folds to a path' : undefined
}
