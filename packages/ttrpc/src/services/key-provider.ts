/** The key provider of encrypted images, as `containers/ocicrypt` calls it: JSON in one bytes field, both ways. */
export const keyProviderService = {
  name: 'keyprovider.KeyProviderService',
  methods: {
    WrapKey: {
      request: { KeyProviderKeyWrapProtocolInput: { no: 1, type: 'bytes' } },
      response: { KeyProviderKeyWrapProtocolOutput: { no: 1, type: 'bytes' } },
    },
    UnWrapKey: {
      request: { KeyProviderKeyWrapProtocolInput: { no: 1, type: 'bytes' } },
      response: { KeyProviderKeyWrapProtocolOutput: { no: 1, type: 'bytes' } },
    },
  },
} as const;
