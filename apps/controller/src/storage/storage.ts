import type { Signer } from '@sealwright/crypto';
import type { OciArtifact, TektonProvenance } from '@sealwright/slsa/tekton';
import type { StoredRun } from '../run-source.js';

/** Something that was signed: the statement of a run, or an image. */
export interface Signed {
  /** What storages know it by. */
  readonly shortKey: string;
  /** The bytes that were signed. */
  readonly payload: Uint8Array;
  /** The envelope for a statement, the bare signature for an image. */
  readonly signature: Uint8Array;
  /** What the payload says. */
  readonly subject:
    | { readonly kind: 'statement'; readonly provenance: TektonProvenance }
    | { readonly kind: 'image'; readonly artifact: OciArtifact };
  /** Who signed. */
  readonly signer: Signer;
}

/** A storage back end. Storing the same twice must do no harm. */
export interface Storage {
  /** Its name in the configuration. */
  readonly name: string;
  /**
   * Store what was signed.
   *
   * @param run - the run it is of
   * @param signed - payload and signature
   */
  store(run: StoredRun, signed: Signed): Promise<void>;
}
