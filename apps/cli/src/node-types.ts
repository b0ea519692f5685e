import type { P2PShareNode, ShareNodeOptions } from '@p2pshare/core'

/*
 * Types that core's methods speak in but that belong to packages below it: an app sees them through core alone.
 */

export type GetOptions = NonNullable<Parameters<P2PShareNode['get']>[1]>

type EventOfGenerator<T> = T extends AsyncGenerator<infer Event, unknown, unknown> ? Event : never

/** What a download says about itself. */
export type TransferEvent = EventOfGenerator<ReturnType<P2PShareNode['get']>>

export type TransferEventOf<Type extends TransferEvent['type']> = Extract<TransferEvent, { type: Type }>

export type SourceReport = TransferEventOf<'done'>['sources'][number]

export type ImportProgress = Parameters<NonNullable<ShareNodeOptions['onProgress']>>[0]

export type ProfileName = NonNullable<ShareNodeOptions['profile']>
