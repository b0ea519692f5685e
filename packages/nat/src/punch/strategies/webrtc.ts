import type { PlanEntry, PlanInput } from '../plan.ts'
import { bothCan, skip, take } from './common.ts'

/** Its set-up is heavy, and the other ways are done by then where they work. */
const HEAD_START_MS = 1000

/** Where both ends have libp2p's WebRTC transport. Pure. */
export function webrtc(input: PlanInput): PlanEntry[] {
  if (!bothCan(input, 'webrtc')) {
    return skip('webrtc', 'one side has no WebRTC transport')
  }
  return [take('webrtc', { type: input.role === 'initiator' ? 'webrtc' : 'wait' }, HEAD_START_MS)]
}
