/**
 * The attestation agent of a confidential guest. `confidential-containers/guest-components protos/`.
 *
 * @module
 */

/** The service of the attestation agent: evidence, tokens, runtime measurement. */
export const attestationAgentService = {
  name: 'attestation_agent.AttestationAgentService',
  methods: {
    GetEvidence: {
      request: { RuntimeData: { no: 1, type: 'bytes' } },
      response: { Evidence: { no: 1, type: 'bytes' } },
    },
    GetAdditionalEvidence: {
      request: { RuntimeData: { no: 1, type: 'bytes' } },
      response: { Evidence: { no: 1, type: 'bytes' } },
    },
    GetToken: {
      request: { TokenType: { no: 1, type: 'string' } },
      response: { Token: { no: 1, type: 'bytes' } },
    },
    ExtendRuntimeMeasurement: {
      request: {
        Domain: { no: 1, type: 'string' },
        Operation: { no: 2, type: 'string' },
        Content: { no: 3, type: 'string' },
        RegisterIndex: { no: 4, type: 'uint64', optional: true },
      },
      response: { Result: { no: 1, type: ['OK', 'NOT_SUPPORTED', 'NOT_ENABLED'] } },
    },
    BindInitData: {
      request: { Digest: { no: 1, type: 'bytes' } },
      response: {},
    },
    GetTeeType: {
      request: {},
      response: { tee: { no: 1, type: 'string' } },
    },
    GetAdditionalTees: {
      request: {},
      response: { additional_tees: { no: 1, type: 'string', repeated: true } },
    },
  },
} as const;
