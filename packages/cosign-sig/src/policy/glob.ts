/**
 * The image globs of policy-controller.
 *
 * @module
 */
import { type ImageReference, parseReference } from '@sealwright/oci';
import { ANY, ANY_IN_COMPONENT, bounded, matchTokens, type PatternToken, tokenOf } from './wildcard.js';
import { policyFault } from './members.js';

/**
 * Match an image by a glob: `*` is any run without a slash, `**` any run, over the whole name. `*` alone is `index.docker.io/library/*`, and
 * `*` in two components is `index.docker.io/*` with as many. The name is tried in full first, then as it is written.
 *
 * @param glob - letters, digits and `-_:/*.@`
 * @param image - as it is written
 * @throws {@link CosignError} `ERR_COSIGN_POLICY` for a glob with other characters.
 * @throws `OciError` `ERR_OCI_REFERENCE` for an image that is none.
 */
export function matchImageGlob(glob: string, image: string): boolean {
  const tokens = tokensOf(expand(bounded(glob)));
  const full = fullName(parseReference(image));
  return matchTokens(tokens, full) || matchTokens(tokens, bounded(image));
}

/**
 * Check a glob.
 *
 * @param glob - of a policy
 * @param pointer - where it stands
 * @throws {@link CosignError} `ERR_COSIGN_POLICY`.
 */
export function checkImageGlob(glob: string, pointer: string): void {
  if (!ALLOWED.test(glob)) throw policyFault('expected letters, digits and -_:/*.@ in a glob', pointer);
}

/** As go-containerregistry writes it: Docker Hub is `index.docker.io`, a bare `localhost` is a path there, and a digest hides the tag. */
function fullName({ registry, repository, tag, digest }: ImageReference): string {
  const host = ON_HUB.get(registry) ?? registry;
  return `${host}/${repository}${digest === undefined ? `:${tag}` : `@${digest}`}`;
}

function expand(glob: string): string {
  checkImageGlob(glob, '');
  if (glob === '*' || glob === '*/*')
    return glob === '*' ? 'index.docker.io/library/*' : 'index.docker.io/*/*';
  return glob;
}

function tokensOf(glob: string): readonly PatternToken[] {
  const tokens: PatternToken[] = [];
  for (let at = 0; at < glob.length; at += 1) {
    const character = glob.charAt(at);
    if (character !== '*') tokens.push(tokenOf(character));
    else if (glob.charAt(at + 1) !== '*') tokens.push(ANY_IN_COMPONENT);
    else {
      tokens.push(ANY);
      at += 1;
    }
  }
  return tokens;
}

const ALLOWED = /^[a-zA-Z0-9\-_:/*.@]+$/;
const ON_HUB: ReadonlyMap<string, string> = new Map([
  ['docker.io', 'index.docker.io'],
  ['localhost', 'index.docker.io/localhost'],
]);
