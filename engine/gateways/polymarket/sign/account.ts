import { addressOf } from './address.js'
import type { Refused } from './refused.js'

/** Whose signature the exchange checks: 0 EOA, 1 proxy wallet, 2 Gnosis Safe, 3 deposit wallet (ERC-1271, ERC-7739). */
export type SignatureType = 0 | 1 | 2 | 3

/** Who trades. All addresses in EIP-55. */
export interface Account {
  readonly chainId: number
  readonly type: SignatureType
  /** The externally owned account of the key. */
  readonly owner: string
  /** Whose money and shares they are: the EOA, or the wallet that it owns. */
  readonly maker: string
  /** `signer` of the signed struct: the EOA, or with type 3 the deposit wallet. */
  readonly signer: string
}

/**
 * The account of a key and its wallet, or why it is none. `funder` is the wallet of types 1 to 3; with type 0 it may be left out. It is
 * taken from the configuration and never derived.
 * Source: signature types of `@polymarket/clob-client-v2` 1.1.0 (2026-11-29).
 */
export function accountOf(of: {
  readonly chainId: number
  readonly type: number
  readonly owner: string
  readonly funder?: string
}): Account | Refused {
  const { chainId, type } = of
  if (chainId !== 137 && chainId !== 80002)
    return { refused: `chain ${chainId} is none of the venue's; expected 137 or 80002` }
  if (!isType(type)) return { refused: `signature type ${type} is unknown; expected 0, 1, 2 or 3` }
  const owner = addressOf(of.owner)
  if (owner === undefined) return notAnAddress('owner', of.owner)
  const funder = of.funder === undefined ? owner : addressOf(of.funder)
  if (funder === undefined) return notAnAddress('funder', of.funder ?? '')
  if (type === 0 && funder !== owner)
    return {
      refused: `with signature type 0 the key's account ${owner} funds its orders, not ${funder}; expected no funder, or signature type 1, 2 or 3`,
    }
  if (type !== 0 && funder === owner)
    return {
      refused: `signature type ${type} needs the address of the wallet that ${owner} owns, as its funder`,
    }
  return { chainId, type, owner, maker: funder, signer: type === 3 ? funder : owner }
}

const isType = (n: number): n is SignatureType => n === 0 || n === 1 || n === 2 || n === 3

function notAnAddress(name: string, text: string): Refused {
  return {
    refused: `${name} '${text.slice(0, 80)}' is not an address; expected 0x and 40 hex digits, in one case or with their checksum`,
  }
}
