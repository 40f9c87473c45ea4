import { SealedSecretError } from '@sealwright/sealed-secret';
import {
  attestationAgentService,
  getResourceService,
  implement,
  type Implementation,
  imagePullService,
  keyProviderService,
  sealedSecretService,
  secureMountService,
  statusError,
} from '@sealwright/ttrpc';
import { type Backend, BackendError, reasonOf } from './backend.js';

/** Told why a call could not be answered: `/<service>/<method>`, and the reason. */
export type Failed = (path: string, error: BackendError) => void;

/**
 * The attestation agent over ttRPC, as guest-components serve it. `BindInitData` is known and not served there either.
 *
 * @param backend - what answers
 * @param failed - told why it could not
 */
export function attestationAgent(backend: Backend, failed: Failed): Implementation {
  const { name } = attestationAgentService;
  const asked = <T>(method: string, what: string, ask: () => Promise<T>): Promise<T> =>
    answered(`/${name}/${method}`, `[ERROR:attestation-agent] ${what} failed`, failed, ask);
  return implement(attestationAgentService, {
    GetEvidence: ({ RuntimeData }) =>
      asked('GetEvidence', 'AA-KBC get evidence', async () => ({
        Evidence: await backend.evidence(RuntimeData),
      })),
    GetAdditionalEvidence: ({ RuntimeData }) =>
      asked('GetAdditionalEvidence', 'AA-KBC get additional evidence', async () => ({
        Evidence: await backend.additionalEvidence(RuntimeData),
      })),
    GetToken: ({ TokenType }) =>
      asked('GetToken', 'AA-KBC get token', async () => ({ Token: await backend.token(TokenType) })),
    ExtendRuntimeMeasurement: ({ Domain, Operation, Content }) =>
      asked('ExtendRuntimeMeasurement', 'AA extend runtime measurement', async () => ({
        Result:
          RESULTS[
            await backend.extendRuntimeMeasurement({ domain: Domain, operation: Operation, content: Content })
          ],
      })),
    GetTeeType: () => ({ tee: backend.tee }),
    GetAdditionalTees: () => ({ additional_tees: backend.additionalTees }),
  });
}

/**
 * The confidential data hub over ttRPC, as guest-components serve it: resources and sealed secrets. Images, mounts and keys of images
 * are known and not served.
 *
 * @param backend - what answers
 * @param unseal - opens a sealed secret
 * @param failed - told why a call could not be answered
 */
export function dataHub(
  backend: Backend,
  unseal: (sealed: string) => Promise<Uint8Array>,
  failed: Failed,
): readonly Implementation[] {
  return [
    implement(getResourceService, {
      GetResource: ({ ResourcePath }) =>
        answered(
          `/${getResourceService.name}/GetResource`,
          '[CDH] [ERROR]: Get Resource failed',
          failed,
          async () => ({
            Resource: await backend.resource(ResourcePath),
          }),
        ),
    }),
    implement(sealedSecretService, {
      UnsealSecret: ({ secret }) =>
        answered(
          `/${sealedSecretService.name}/UnsealSecret`,
          '[CDH] [ERROR]: Unseal Secret failed',
          failed,
          async () => ({
            plaintext: await unseal(asciiOf(secret)),
          }),
        ),
    }),
    implement(imagePullService, {}),
    implement(secureMountService, {}),
    implement(keyProviderService, {}),
  ];
}

/** The original tells every failure with one text and status 13. Here the class of the cause follows it, as in the REST facade. */
async function answered<T>(path: string, message: string, failed: Failed, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (cause) {
    const error =
      cause instanceof BackendError ? cause : new BackendError(reasonOf(cause), message, { cause });
    failed(path, error);
    throw statusError('INTERNAL', `${message}: ${error.reason}`, { cause });
  }
}

/** A sealed secret is ASCII; what is not cannot be one. */
function asciiOf(secret: Uint8Array): string {
  if (secret.some((byte) => byte >= 0x80)) {
    throw new SealedSecretError('ERR_SEALED_FORMAT', 'a sealed secret is ASCII');
  }
  return new TextDecoder().decode(secret).trim(); // files of it often end with a newline
}

const RESULTS = { ok: 'OK', 'not-supported': 'NOT_SUPPORTED', 'not-enabled': 'NOT_ENABLED' } as const;
