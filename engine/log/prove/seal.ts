import { createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto'
import type { Manifest } from '#schemas/manifest.js'
import type { LogEnd } from '../event-log.js'

/** What a signed seal adds to a manifest: base64, the key in DER (SPKI). */
export interface Signature {
  readonly publicKey: string
  readonly signature: string
}

/** Signs where a run ended with an Ed25519 key in PEM. Throws where the text holds no such key. */
export function signEnd(end: LogEnd, privatePem: string): Signature {
  const key = createPrivateKey(privatePem)
  return {
    publicKey: derOf(createPublicKey(key)).toString('base64'),
    signature: sign(null, messageOf(end), key).toString('base64'),
  }
}

/**
 * What is wrong with the signature of a seal, or nothing. With `keyPem` (public or private) it must be that key's; else
 * it must only be right for the key in the manifest, which proves nothing about who signed.
 */
export function signatureFault(manifest: Manifest, keyPem?: string): string | undefined {
  const { lastSeq, commits, head, publicKey, signature } = manifest
  if (lastSeq === undefined || commits === undefined || head === undefined)
    return keyPem === undefined ? undefined : 'the run is not sealed'
  if (publicKey === undefined || signature === undefined) {
    const isPlain = publicKey === signature && keyPem === undefined
    return isPlain ? undefined : 'the seal is not signed'
  }
  const end = { lastSeq, commits, head }
  try {
    const stated = { key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' } as const
    const key = createPublicKey(stated)
    if (keyPem !== undefined && !derOf(createPublicKey(keyPem)).equals(derOf(key)))
      return 'the seal is signed with another key'
    const isRight = verify(null, messageOf(end), key, Buffer.from(signature, 'base64'))
    return isRight ? undefined : 'the signature does not fit the seal'
  } catch (error) {
    return `the signature cannot be checked: ${String(error)}`
  }
}

const derOf = (key: KeyObject): Buffer => key.export({ type: 'spki', format: 'der' })
const messageOf = ({ lastSeq, commits, head }: LogEnd): Buffer =>
  Buffer.from(`polaris seal 1\n${lastSeq}\n${commits}\n${head}\n`)
