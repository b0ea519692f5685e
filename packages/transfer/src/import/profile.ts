import { InvalidOptionError } from '@p2pshare/interface'

/** The two named parameter sets of IPIP-499 that decide a root CID. */
export type ProfileName = 'unixfs-v1-2025' | 'unixfs-v0-2015'

/** Parameters of UnixFS DAG construction (https://specs.ipfs.tech/ipips/ipip-0499/). */
export interface Profile {
  readonly name: ProfileName
  readonly cidVersion: 0 | 1
  readonly chunkBytes: number
  /** Links a file node may have. */
  readonly maxLinks: number
  /** Leaves are raw blocks; otherwise dag-pb nodes around UnixFS `File` messages. */
  readonly rawLeaves: boolean
  /** What is compared with `hamtThresholdBytes`. */
  readonly hamtEstimate: 'block-bytes' | 'links-bytes'
  /** A directory estimated larger than this becomes a HAMT. */
  readonly hamtThresholdBytes: number
  readonly hamtFanout: number
}

export const PROFILES: Readonly<Record<ProfileName, Profile>> = Object.freeze({
  'unixfs-v1-2025': Object.freeze({
    name: 'unixfs-v1-2025',
    cidVersion: 1,
    chunkBytes: 1024 * 1024,
    maxLinks: 1024,
    rawLeaves: true,
    hamtEstimate: 'block-bytes',
    hamtThresholdBytes: 256 * 1024,
    hamtFanout: 256
  }),
  'unixfs-v0-2015': Object.freeze({
    name: 'unixfs-v0-2015',
    cidVersion: 0,
    chunkBytes: 256 * 1024,
    maxLinks: 174,
    rawLeaves: false,
    hamtEstimate: 'links-bytes',
    hamtThresholdBytes: 256 * 1024,
    hamtFanout: 256
  })
})

export const DEFAULT_PROFILE: ProfileName = 'unixfs-v1-2025'

/**
 * The parameters that a name means; parameters are returned as they are.
 *
 * @throws InvalidOptionError for a name that is not in `PROFILES`.
 */
export function resolveProfile(profile: ProfileName | Profile = DEFAULT_PROFILE): Profile {
  if (typeof profile !== 'string') {
    return profile
  }
  if (!Object.hasOwn(PROFILES, profile)) {
    throw new InvalidOptionError(
      'profile',
      `one of ${Object.keys(PROFILES).join(', ')}, not ${JSON.stringify(profile)}`
    )
  }
  return PROFILES[profile]
}
