import { describe, expect, it } from 'vitest';
import { vectorArea } from '../../../tools/vectors.ts';
import { parseLayerMediaType } from '../src/index.js';

interface Row {
  media_type: string;
  encrypted?: boolean;
  decrypted_media_type?: string | null;
  compression?: string;
  error?: string;
}

const area = vectorArea('images');

describe.skipIf(!area.present)(`media types of vectors of ${area.name}`, () => {
  it.each(area.present ? area.json<Row[]>('media-types.json') : [])('$media_type', (row) => {
    if (row.error !== undefined) {
      expect(() => parseLayerMediaType(row.media_type)).toThrow(
        expect.objectContaining({ code: 'ERR_OCI_MEDIA_TYPE' }),
      );
      return;
    }
    const { encrypted, decrypted, compression } = parseLayerMediaType(row.media_type);
    expect([encrypted, decrypted ?? null, compression]).toEqual([
      row.encrypted,
      row.decrypted_media_type,
      row.compression,
    ]);
  });
});
