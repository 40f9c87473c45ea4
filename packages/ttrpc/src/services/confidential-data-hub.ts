/**
 * The confidential data hub of a guest, one service an errand. `confidential-containers/guest-components protos/`.
 *
 * @module
 */

/** Opens sealed secrets. */
export const sealedSecretService = {
  name: 'api.SealedSecretService',
  methods: {
    UnsealSecret: {
      request: { secret: { no: 1, type: 'bytes' } },
      response: { plaintext: { no: 1, type: 'bytes' } },
    },
  },
} as const;

/** Fetches resources of a key broker by their URI. */
export const getResourceService = {
  name: 'api.GetResourceService',
  methods: {
    GetResource: {
      request: { ResourcePath: { no: 1, type: 'string' } },
      response: { Resource: { no: 1, type: 'bytes' } },
    },
  },
} as const;

/** Mounts encrypted volumes. */
export const secureMountService = {
  name: 'api.SecureMountService',
  methods: {
    SecureMount: {
      request: {
        volume_type: { no: 1, type: 'string' },
        options: { no: 2, type: 'map' },
        flags: { no: 3, type: 'string', repeated: true },
        mount_point: { no: 4, type: 'string' },
      },
      response: {},
    },
  },
} as const;

/** Pulls and unpacks images inside the guest. */
export const imagePullService = {
  name: 'api.ImagePullService',
  methods: {
    PullImage: {
      request: {
        image_url: { no: 1, type: 'string' },
        bundle_path: { no: 2, type: 'string' },
      },
      response: { manifest_digest: { no: 1, type: 'string' } },
    },
  },
} as const;
