import { generateKeyPairSync, sign } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { LogInPages } from './issuer-log-in.js';

/** Who a token is about. */
export type TokenSubject =
  | { readonly email: string }
  | { readonly namespace: string; readonly serviceAccount: string }
  | { readonly repository: string; readonly workflow: string };

/** An issuer of identity tokens. */
export interface RunningIssuer {
  /** Address of the issuer of tokens about people, and the root of the others. */
  readonly url: string;
  /** What Fulcio is told of them: a configuration in YAML. */
  readonly fulcioConfig: string;
  /** Address of the issuer of such a token. */
  issuerOf(subject: TokenSubject): string;
  /** The name that a certificate gets for such a token. */
  nameOf(subject: TokenSubject): string;
  /** Issue a token for the audience `sigstore`. */
  token(subject: TokenSubject, claims?: Readonly<Record<string, unknown>>): string;
  stop(): Promise<void>;
}

/** Three issuers on one loopback port: of people, of a cluster's service accounts, of a forge's workflows. */
export async function startIssuer(): Promise<RunningIssuer> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const server = createServer(async (request, response) => {
    const [path = '', query = ''] = (request.url ?? '').split('?', 2);
    const page = pages.answer(
      path,
      new URLSearchParams(request.method === 'POST' ? await bodyOf(request) : query),
    );
    if (page !== undefined) {
      response.writeHead(page.status, { 'content-type': 'application/json', ...page.headers });
      response.end(JSON.stringify(page.body ?? {}));
      return;
    }
    const issuer = `${url}${path.replace(DISCOVERY, '')}`;
    const jwk = { ...publicKey.export({ format: 'jwk' }), alg: 'RS256', use: 'sig', kid: 'interop' };
    const found = path.endsWith(DISCOVERY)
      ? {
          issuer,
          jwks_uri: `${url}/keys`,
          ...pages.endpoints,
          subject_types_supported: ['public'],
          id_token_signing_alg_values_supported: ['RS256'],
        }
      : path === '/keys'
        ? { keys: [jwk] }
        : undefined;
    response.writeHead(found === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(found ?? {}));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  const issuerOf = (subject: TokenSubject): string => url + PATHS[kindOf(subject)];
  const token: RunningIssuer['token'] = (subject, claims = {}) => {
    const now = Math.floor(Date.now() / 1000);
    const times = { iat: now, nbf: now - 5, exp: now + 600 };
    const said = { iss: issuerOf(subject), aud: 'sigstore', ...times, ...claimsOf(subject), ...claims };
    const signed = [{ alg: 'RS256', typ: 'JWT', kid: 'interop' }, said]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.');
    const signature = sign('sha256', Buffer.from(signed), privateKey);
    return `${signed}.${signature.toString('base64url')}`;
  };
  const pages = new LogInPages(url, (claims) => token(PERSON, claims));
  return {
    url,
    issuerOf,
    nameOf,
    fulcioConfig: `oidc-issuers:\n${Object.entries(PATHS)
      .map(
        ([kind, path]) =>
          `  ${url}${path}: {issuer-url: ${url}${path}, client-id: sigstore, type: ${kind}}\n`,
      )
      .join('')}`,
    token,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function kindOf(subject: TokenSubject): keyof typeof PATHS {
  if ('email' in subject) return 'email';
  return 'namespace' in subject ? 'kubernetes' : 'github-workflow';
}

function nameOf(subject: TokenSubject): string {
  if ('email' in subject) return subject.email;
  if ('namespace' in subject)
    return `https://kubernetes.io/namespaces/${subject.namespace}/serviceaccounts/${subject.serviceAccount}`;
  return `https://github.com/${workflowOf(subject)}`;
}

function workflowOf({
  repository,
  workflow,
}: {
  readonly repository: string;
  readonly workflow: string;
}): string {
  return `${repository}/.github/workflows/${workflow}@refs/heads/main`;
}

function claimsOf(subject: TokenSubject): object {
  if ('email' in subject)
    return { sub: `user of ${subject.email}`, email: subject.email, email_verified: true };
  if ('namespace' in subject) {
    const { namespace, serviceAccount } = subject;
    const of = {
      namespace,
      pod: { name: 'a-pod', uid: '1' },
      serviceaccount: { name: serviceAccount, uid: '2' },
    };
    return { sub: `system:serviceaccount:${namespace}:${serviceAccount}`, 'kubernetes.io': of };
  }
  const { repository, workflow } = subject;
  const [owner] = repository.split('/');
  return {
    sub: `repo:${repository}:ref:refs/heads/main`,
    job_workflow_ref: workflowOf(subject),
    job_workflow_sha: SHA,
    workflow_ref: workflowOf(subject),
    workflow_sha: SHA,
    workflow,
    sha: SHA,
    event_name: 'push',
    repository,
    repository_id: '11',
    repository_owner: owner,
    repository_owner_id: '12',
    repository_visibility: 'public',
    ref: 'refs/heads/main',
    run_id: '13',
    run_attempt: '1',
    runner_environment: 'github-hosted',
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(Buffer.from(part));
  return Buffer.concat(parts).toString();
}

/** Who logs in at the pages of the issuer. */
export const PERSON = { email: 'ada@example.com' } as const;

/** The commit that tokens of workflows name. */
const SHA = '1b2a7c0d4e5f60718293a4b5c6d7e8f901234567';
const DISCOVERY = '/.well-known/openid-configuration';
const PATHS = { email: '', kubernetes: '/cluster', 'github-workflow': '/forge' } as const;
