import { MAX_NAME_BYTES } from './constants.ts'

/*
 * What a name of a share may be made of (SPEC.md#names). The same on every system: a share that one receiver refuses is
 * refused by all, so nobody publishes by accident what half of the world cannot open, and no trick waits for the one
 * system on which it works.
 */

/** C0, DEL, C1 and the line and paragraph separators: they move a terminal's cursor or end a line. */
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/u

/** Change the direction of what follows, so that `exe.txt` can be shown for `txt.exe`. */
const BIDI = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u

/**
 * Rendered as nothing, so that two different names look alike. The joiners U+200C and U+200D are treated apart, and
 * variation selectors are left alone: emoji are spelt with both.
 */
const INVISIBLE =
  /[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u2060-\u2065\u206a-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}]/u

/**
 * A joiner is spelling in Persian, Indic scripts and emoji, always between two characters of theirs. Anywhere else
 * (at an end, beside ASCII, Latin, punctuation or another joiner) it only hides.
 */
const STRAY_JOINER =
  /(?<![\u0300-\u1fff\u2070-\u2fff\u3001-\ud7ff\uf900-\ufdff\ufe00-\ufe0f\u{10000}-\u{10ffff}])[\u200c\u200d]|[\u200c\u200d](?![\u0300-\u1fff\u2070-\u2fff\u3001-\ud7ff\uf900-\ufdff\u{10000}-\u{10ffff}])/u

/** England, Scotland, Wales: the only sequences that Unicode recommends tag characters for. */
const FLAG_TAGS = /\u{1f3f4}[\u{e0030}-\u{e0039}\u{e0061}-\u{e007a}]{3,6}\u{e007f}/gu

const LONE_SURROGATE = /[\ud800-\udfff]/u

/** Not characters at all; some file systems refuse them, some conversions stop at them. */
const NONCHARACTER = /\p{Noncharacter_Code_Point}/u

/** Private characters that Cygwin, WSL and SMB write for `:`, `\`, a final dot and the like, and read back as those. */
const STAND_IN = /[\uf000-\uf0ff]/u

/** Ignored by file systems that fold names (ext4 with casefold, HFS+). */
const IGNORED = /\p{Default_Ignorable_Code_Point}/gu

/** Shown as a gap, whatever the font. */
const BLANK = /^[\p{White_Space}\u2800]*$/u

/** Names of devices since DOS, with any extension; Windows takes superscript digits for digits. */
const DEVICE =
  /^\p{White_Space}*(?:con|prn|aux|nul|clock\$|conin\$|conout\$|(?:com|lpt)[1-9¹²³])\p{White_Space}*(?:\.|$)/iu

/** With them drive letters, alternate streams, wildcards and redirections. */
const RESERVED = /[<>:"|?*]/u

const utf8 = new TextEncoder()

/** What one character must not be, with why. The order is that in which a reader understands a name. */
const CHARACTERS: ReadonlyArray<readonly [RegExp, string]> = [
  [LONE_SURROGATE, 'half a character (a lone surrogate)'],
  [NONCHARACTER, 'a code point that is no character'],
  [CONTROL, 'a control character'],
  [BIDI, 'a character that changes the writing direction'],
  [STAND_IN, 'a private character that some systems read as a reserved one'],
  [STRAY_JOINER, 'an invisible character']
]

/** Why no receiver creates an entry with this name, or `undefined` when it is fine. One path part. */
export function nameProblem(name: string): string | undefined {
  if (name === '') {
    return 'empty name'
  }
  // length first: it bounds the work of everything below
  if (name.length > MAX_NAME_BYTES || utf8.encode(name).byteLength > MAX_NAME_BYTES) {
    return `a name of more than ${MAX_NAME_BYTES} bytes`
  }
  if (name.includes('/') || name.includes('\\')) {
    return 'a path separator in a name'
  }
  const hostile = CHARACTERS.find(([pattern]) => pattern.test(name))
  if (hostile !== undefined) {
    return hostile[1]
  }
  return INVISIBLE.test(name.replace(FLAG_TAGS, '')) ? 'an invisible character' : meaningProblem(name)
}

/** What a name of good characters must not mean, to a system that folds names or to Windows. */
function meaningProblem(name: string): string | undefined {
  const seen = name.replace(IGNORED, '')
  if (seen === '.' || seen === '..') {
    return 'a name that means another directory'
  }
  if (BLANK.test(seen)) {
    return 'a name that shows nothing'
  }
  const reserved = RESERVED.exec(seen)
  if (reserved !== null) {
    return `the character ${reserved[0]}, which means something else on Windows`
  }
  if (DEVICE.test(seen)) {
    return 'the name of a device'
  }
  return /[. ]$/u.test(seen) ? 'a dot or space at the end, which Windows drops' : undefined
}

/**
 * One spelling for all names that are one entry on the more eager file systems: full case folding, canonical
 * composition, without what they ignore. Folding more than a given system does refuses a share; folding less would cost
 * a file.
 */
export function foldName(name: string): string {
  return name.normalize('NFD').replace(IGNORED, '').toLowerCase().toUpperCase().normalize('NFC')
}

/** `text` for a terminal or a log: what could move the cursor, change direction or hide is written as `\u{…}`. */
export function printable(text: string): string {
  let shown = ''
  for (const character of text) {
    const hides = [CONTROL, BIDI, LONE_SURROGATE, INVISIBLE].some((pattern) => pattern.test(character))
    shown += hides ? escapeCharacter(character) : character
  }
  return STRAY_JOINER.test(shown) ? shown.replace(/[\u200c\u200d]/gu, escapeCharacter) : shown
}

function escapeCharacter(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`
}
