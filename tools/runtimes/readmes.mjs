// Write every `ts` block of the packages' READMEs into a folder, with the settings of a strict project: node readmes.mjs <packages> <folder>
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [packages = '', folder = ''] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
for (const name of readdirSync(packages)) {
  if (name === 'testing' || name === 'service') continue; // nobody can install them
  const markdown = readFileSync(join(packages, name, 'README.md'), 'utf8');
  for (const [index, [, code]] of [...markdown.matchAll(/^```ts.*\n([^]*?)^```$/gm)].entries())
    writeFileSync(join(folder, `${name}-${index}.ts`), `${code}\nexport {};\n`);
}
const compilerOptions = {
  target: 'es2022',
  module: 'nodenext',
  lib: ['es2023', 'dom', 'dom.iterable'],
  types: [],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: true,
  noEmit: true,
};
writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }));
