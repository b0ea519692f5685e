import type { SystemRefusal } from './leaf-job.ts'

/** What the system said to another thread, as an error in the form in which Node says it to this one. */
export function systemErrorOf({ code, errno, syscall, message }: SystemRefusal): NodeJS.ErrnoException {
  // not an error of ours: `toDiskError` makes one of it, as of any that the file system gives
  // eslint-disable-next-line no-restricted-syntax
  const error: NodeJS.ErrnoException = new Error(message)
  return Object.assign(error, { code, syscall }, errno === undefined ? {} : { errno })
}
