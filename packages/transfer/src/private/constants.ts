/** Bytes of file data in a sealed leaf: with its tag it is a leaf of 1 MiB. */
export const SEALED_DATA_BYTES = 1024 * 1024 - 16

/** What AES-GCM adds to a leaf. */
export const TAG_BYTES = 16

/** The most that a manifest may be, names and sizes of all files: a million paths of 32 bytes. */
export const MAX_MANIFEST_BYTES = 32 * 1024 * 1024

/** The manifest of a share in its DAG: a name that sorts behind that of the data. */
export const MANIFEST_NAME = 'm'

/** The directory of the sealed files in the DAG. */
export const DATA_NAME = 'd'
