import type { SystemRefusal } from './leaf-job.ts'

/** What the system said to another thread, in the form in which it says it to this one. */
export class WriteRefusedError extends Error {
  static override readonly name = 'WriteRefusedError'
  override readonly name = 'WriteRefusedError'
  readonly code: string
  readonly errno: number | undefined
  readonly syscall: string

  constructor({ code, errno, syscall, message }: SystemRefusal, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    this.errno = errno
    this.syscall = syscall
  }
}
