/** Who has to change something before the same call can succeed. */
type Fault = 'local' | 'user'

/** The shape of every error of this tool; compare `name` or `code`. */
abstract class NetlabError extends Error {
  abstract readonly code: `ERR_NETLAB_${string}`
  abstract readonly fault: Fault
  /** What the person in front of the screen can do next. */
  readonly advice: string | undefined

  constructor(message: string, advice?: string, options?: ErrorOptions) {
    super(message, options)
    this.advice = advice
  }
}

/** An option has a value that no lab can be built from; thrown before anything is touched. */
export class InvalidLabOptionError extends NetlabError {
  override readonly name = 'InvalidLabOptionError'
  readonly code = 'ERR_NETLAB_INVALID_OPTION'
  readonly fault = 'user'
  readonly option: string

  constructor(option: string, message: string) {
    super(`option ${option}: ${message}`)
    this.option = option
  }
}

/** Programs are missing and could not be installed. */
export class MissingToolsError extends NetlabError {
  override readonly name = 'MissingToolsError'
  readonly code = 'ERR_NETLAB_MISSING_TOOLS'
  readonly fault = 'user'
  readonly packages: readonly string[]

  constructor(programs: readonly string[], packages: readonly string[], options?: ErrorOptions) {
    super(
      `netlab needs ${programs.join(', ')}`,
      `install them, on Debian and Ubuntu: sudo apt-get install ${packages.join(' ')}`,
      options
    )
    this.packages = packages
  }
}

/** The system allows network namespaces neither as root nor inside a user namespace. */
export class NoNamespacesError extends NetlabError {
  override readonly name = 'NoNamespacesError'
  readonly code = 'ERR_NETLAB_NO_NAMESPACES'
  readonly fault = 'local'

  constructor(detail: string) {
    super(
      `network namespaces are not allowed here: ${detail}`,
      'run as root, or allow unprivileged user namespaces (sysctl user.max_user_namespaces, kernel.unprivileged_userns_clone, ' +
        'kernel.apparmor_restrict_unprivileged_userns); a container needs CAP_SYS_ADMIN and CAP_NET_ADMIN'
    )
  }
}

/** A command ended with another exit code than 0. */
export class LabCommandError extends NetlabError {
  override readonly name = 'LabCommandError'
  readonly code = 'ERR_NETLAB_COMMAND'
  readonly fault = 'local'
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string

  constructor(command: string, result: { exitCode: number | null; stdout: string; stderr: string }) {
    super(
      `${command} ended with ${result.exitCode ?? 'a signal'}: ${(result.stderr || result.stdout).trim().slice(0, 2000)}`
    )
    this.exitCode = result.exitCode
    this.stdout = result.stdout
    this.stderr = result.stderr
  }
}

/** There is no lab, or no host in it, of that name. */
export class NotInLabError extends NetlabError {
  override readonly name = 'NotInLabError'
  readonly code = 'ERR_NETLAB_NOT_IN_LAB'
  readonly fault = 'user'
}

/** The userspace switch of a lab does not answer, or refused a line. */
export class SwitchError extends NetlabError {
  override readonly name = 'SwitchError'
  readonly code = 'ERR_NETLAB_SWITCH'
  readonly fault = 'local'
}
