/** One argument as a POSIX shell reads it back; plain words stay as they are. */
export function shellQuote(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", `'\\''`)}'`
}

/** A command line to paste. */
export function shellCommand(words: readonly string[]): string {
  return words.map(shellQuote).join(' ')
}

/** What is printed ends up in logs: the key of a private share is for the user to fill in. */
export function withoutKey(word: string): string {
  return /^\s*<?(?:p2pshare|ipfs|\/ipfs\/|baf|Qm)/iu.test(word) ? word.replace(/#.*$/su, '#KEY') : word
}
