import { dirname } from 'node:path'
import type { CID } from 'multiformats/cid'
import { ShareKeyError } from '../errors.ts'
import { readSmallFile, writeFileAtomic } from '../store/atomic-file.ts'
import { nodeFs, onDisk } from '../store/fs.ts'
import { makeDirectories } from '../store/make-directories.ts'
import { ShareSecret } from './secret.ts'

/** One is 92 characters and the end of a line. */
const MAX_SECRET_FILE_BYTES = 256

const READABLE_BY_OTHERS = 0o077

/** Keep what opens the share `root` for the next run, for this user only. On the disk when it resolves. */
export async function saveSecret(path: string, root: CID, secret: ShareSecret): Promise<void> {
  await onDisk(path, async () => makeDirectories(nodeFs, dirname(path), 0o700))
  await writeFileAtomic(nodeFs, path, Buffer.from(`${secret.toFragment(root)}\n`))
}

/**
 * What `saveSecret` kept. Who may read a file is not known on Windows.
 *
 * @throws ShareKeyError when it is not there, is of another share, or others can read it; DiskError.
 */
export async function loadSecret(path: string, root: CID): Promise<ShareSecret> {
  const bytes = await readSmallFile(nodeFs, path, MAX_SECRET_FILE_BYTES, ({ mode }) => {
    if (process.platform !== 'win32' && (mode & READABLE_BY_OTHERS) !== 0) {
      throw new ShareKeyError(path, 'readable by others')
    }
  })
  if (bytes === undefined) {
    throw new ShareKeyError(path, 'missing')
  }
  try {
    return ShareSecret.fromFragment(Buffer.from(bytes).toString('latin1').trimEnd(), root)
  } catch (cause) {
    throw new ShareKeyError(path, 'damaged', { cause })
  }
}
