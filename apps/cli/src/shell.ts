/** One argument as a POSIX shell reads it back; plain words stay as they are. */
export function shellQuote(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", `'\\''`)}'`
}

/** A command line to paste. */
export function shellCommand(words: readonly string[]): string {
  return words.map(shellQuote).join(' ')
}
