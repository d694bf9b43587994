/** Why a code or a list is refused: the stable words of docs/CODE.md. */

/** The faults that the check of CBOR finds. */
export type CborFault =
  | "too_deep"
  | "too_many_items"
  | "truncated"
  | "indefinite_length"
  | "unsupported_item"
  | "not_canonical"
  | "duplicate_key"
  | "trailing_bytes";

/** The faults in the form of a signed object. */
export type ObjectFault =
  | CborFault
  | "wrong_tag"
  | "not_signed"
  | "algorithm_unprotected"
  | "algorithm_missing"
  | "algorithm_wrong"
  | "header_unprotected"
  | "critical_unknown"
  | "signature_malleable";

/** Why a signature does not count. */
type KeyFault =
  | "key_unknown"
  | "key_use_wrong"
  | "signature_invalid"
  | "key_not_valid_at_issue"
  | "key_revoked";

export type ListRefusal =
  | ObjectFault
  | KeyFault
  | "oversized"
  | "type_wrong"
  | "content_invalid"
  | "entries_invalid"
  | "environment_wrong"
  | "no_keys"
  | "subject_wrong"
  | "lifetime_invalid"
  | "rolled_back"
  | "number_reused"
  | "expired";

export type CodeRefusal =
  | ObjectFault
  | KeyFault
  | "empty"
  | "not_ours"
  | "oversized"
  | "base45_invalid"
  | "claim_invalid"
  | "claim_missing"
  | "lifetime_invalid"
  | "presentation_invalid"
  | "trust_list_too_old"
  | "issuer_wrong"
  | "presentation_missing"
  | "presentation_key_mismatch"
  | "who_mismatch"
  | "not_yet_valid"
  | "expired"
  | "presentation_from_future"
  | "presentation_too_old"
  | "replayed"
  | "paper_not_accepted"
  | "status_list_missing"
  | "status_list_too_old"
  | "status_index_out_of_range"
  | "status_fallen"
  | "stale";

/** Carries the first reason that holds up to the function that answers. */
export class Refused extends Error {
  constructor(readonly reason: CodeRefusal | ListRefusal) {
    super(reason);
  }
}

export function refuse(reason: CodeRefusal | ListRefusal): never {
  throw new Refused(reason);
}

/** Refuses for this reason unless the condition holds. */
export function demand(condition: boolean, reason: CodeRefusal | ListRefusal): asserts condition {
  if (!condition) refuse(reason);
}
