import { InvalidMessageError } from '@p2pshare/interface'
import { MAX_UPNP_BODY_BYTES } from '../constants.ts'

/**
 * Fetch a text from a device: no redirect is followed, and no more is read than such a device has to say. A refused action
 * comes with status 500 and a body, so the status is not looked at.
 *
 * @throws InvalidMessageError for a longer body
 */
export async function fetchText(url: URL, init: RequestInit & { readonly signal: AbortSignal }): Promise<string> {
  const { body } = await fetch(url, { ...init, redirect: 'error' })
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength
    if (bytes > MAX_UPNP_BODY_BYTES) {
      throw new InvalidMessageError(`UPnP: more than ${MAX_UPNP_BODY_BYTES} bytes`)
    }
    text += decoder.decode(chunk, { stream: true })
  }
  return text
}
