import { execFileSync } from 'node:child_process'

/** Small file systems in memory. */
export interface TmpfsMaker {
  mount(directory: string, size: string): void
  resize(directory: string, size: string): void
  move(from: string, to: string): void
  unmount(directory: string): void
}

/** Where we may make them: root on Linux. */
export function tmpfsMaker(): TmpfsMaker | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    return undefined
  }
  const run = (command: string, ...args: readonly string[]) => execFileSync(command, args, { stdio: 'ignore' })
  try {
    // in a container root often may not mount
    run('unshare', '--mount', 'mount', '-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', '/mnt')
  } catch {
    return undefined
  }
  return {
    mount: (directory, size) => run('mount', '-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', directory),
    resize: (directory, size) => run('mount', '-o', `remount,size=${size}`, directory),
    move: (from, to) => run('mount', '--move', from, to),
    unmount: (directory) => run('umount', directory)
  }
}
