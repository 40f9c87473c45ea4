import { readFileSync } from 'node:fs';

/** `import report from './vectors/a.bin?bytes'` gives a `Uint8Array`, in Node and in the browser. */
export function bytes() {
  return {
    name: 'bytes',
    enforce: 'pre' as const,
    load(id: string) {
      if (!id.endsWith('?bytes')) return null;
      const base64 = readFileSync(id.slice(0, -'?bytes'.length)).toString('base64');
      return `export default Uint8Array.from(atob(${JSON.stringify(base64)}), (c) => c.charCodeAt(0));`;
    },
  };
}
