import type { PrivateKey } from '@sealwright/crypto';
import type { JsonObject } from '@sealwright/json';
import { annotatedEvidence, issueEar, type EarKeyOptions, type TokenInput } from '@sealwright/kbs-protocol';
import type { TokenBrokerConfig } from '../config/types.js';
import { appraise, identifiers } from './appraise.js';

/** The key that signs tokens, and the chain that goes with it. */
export interface TokenSigner {
  readonly key: PrivateKey;
  readonly chain: EarKeyOptions;
}

/**
 * Issue EAR tokens for verified evidence.
 *
 * @param signer - the key and its chain
 * @param broker - names and life of tokens
 * @param reference - reference values by name
 */
export function createTokenIssuer(
  signer: TokenSigner,
  broker: TokenBrokerConfig,
  reference: JsonObject,
): (input: TokenInput) => Promise<string> {
  return ({ evidence, initData, now }) => {
    const submodules = evidence.map((item) => {
      const full = annotatedEvidence({ ...item, initDataClaims: initData?.claims ?? null });
      const shown = annotatedEvidence({
        ...item,
        initDataClaims: initData?.claims ?? null,
        verbose: broker.verbose_token,
      });
      return {
        class: item.class,
        trustVector: appraise(full, reference),
        annotatedEvidence: shown,
        ...(item.class === 'cpu' ? { extensions: { 'ear.trustee.identifiers': identifiers(full) } } : {}),
      };
    });
    return issueEar(
      {
        now,
        submodules,
        lifetimeSeconds: broker.duration_min * 60,
        issuer: broker.issuer_name,
        profile: broker.profile_name,
        verifierId: { developer: broker.developer_name, build: broker.build_name },
      },
      signer.key,
      signer.chain,
    );
  };
}
