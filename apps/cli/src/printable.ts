/**
 * Control characters (a terminal obeys them), line and paragraph separators, and the marks that reverse text: with
 * them, a name from a peer could rewrite the screen or show `exe.txt` for `txt.exe`.
 */
const UNSAFE = /[\p{Cc}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu

/** Text from a peer or a file name, safe to print on one line of a terminal: unsafe characters are escaped. */
export function printable(text: string): string {
  return text.toWellFormed().replace(UNSAFE, (char) => {
    const point = char.codePointAt(0) ?? 0
    return point < 0x100 ? `\\x${point.toString(16).padStart(2, '0')}` : `\\u{${point.toString(16)}}`
  })
}
