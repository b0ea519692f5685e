import { seededPeerId, seededRandom } from '@p2pshare/testkit'

/** The id of a peer that is the same in each run. */
export async function peerNamed(name: string): Promise<string> {
  const id = await seededPeerId(seededRandom(name))
  return id.toString()
}
