/** What the issue names, and what disks that are pulled out or far away say. */
export const ERRNOS = ['ENOSPC', 'EDQUOT', 'EIO', 'EROFS', 'EMFILE', 'EACCES', 'ENODEV', 'ESTALE'] as const

/**
 * `once`: one call fails. `spell`: from one call on all of them do, until the virtual clock has gone on for a while.
 * `gone`: the same for a disk that was pulled out: its paths are not there, and what is open answers EIO.
 */
export const WAYS = ['once', 'spell', 'gone'] as const

export type Way = (typeof WAYS)[number]

/** How long a spell lasts, by the virtual clock. */
export const SPELL_MS = 45_000

/** The longest time from the end of a spell to the next step that succeeds. */
export const GOAL_MS = 60_000
