/**
 * What the server's side of the handshake is made of, and what it answers.
 *
 * @module
 */
import type { Bytes } from '@sealwright/bytes';
import type { JsonObject, JsonValue } from '@sealwright/json';
import type { ProtocolVersion } from './messages.js';
import type { RuntimeHash } from './runtime-data.js';
import type { SessionRecord, SessionStore } from './session-store.js';
import type { TeeName } from './tee.js';
import type { KbsWireError } from './wire-error.js';

/** What a verifier is asked. */
export interface EvidenceInput {
  /** The kind of TEE that the evidence says it is of. */
  readonly tee: TeeName;
  /** The evidence as sent. */
  readonly evidence: JsonValue;
  /** The digest that the evidence must carry; a register holds it zero padded or cut. */
  readonly reportData: Bytes;
  /** The hash that made {@link EvidenceInput.reportData}. */
  readonly hash: RuntimeHash;
  /** The digest of the init-data that the client sent; undefined when it sent none. */
  readonly initDataDigest: Bytes | undefined;
}

/** What a verifier found in good evidence: one part for each device that it tells apart. */
export interface EvidenceClaims {
  /** What the claims are of: `cpu`, `gpu`, `switch` and so on. */
  readonly class: string;
  /** The claims; `init_data` and `report_data` among them say what the evidence itself carries. */
  readonly claims: JsonObject;
}

/** Verifies the evidence of one kind of TEE. */
export interface EvidenceVerifier {
  /**
   * Check evidence and give its claims; a throw refuses it.
   *
   * @param input - the evidence and what it must be bound to
   */
  verify(input: EvidenceInput): Promise<readonly EvidenceClaims[]>;
  /** The nonce of the challenge, where it is not 32 random bytes: for IBM SE the text of an attestation request. */
  nonce?(): Promise<string>;
}

/** Init-data as the server understands it. */
export interface InitDataReading {
  /** The digest of the text, by the algorithm that the text names. */
  readonly digest: Bytes;
  /** The claims that policies see. */
  readonly claims: JsonValue;
}

/** One part of verified evidence, with the kind of TEE whose verifier gave it. */
export interface VerifiedEvidence extends EvidenceClaims {
  /** The kind of TEE. */
  readonly tee: TeeName;
  /** The runtime data that this evidence is bound to. */
  readonly runtimeData: JsonObject;
}

/** What a token is made from. */
export interface TokenInput {
  /** The kind of TEE of the session. */
  readonly tee: TeeName;
  /** All verified evidence, the CPU's first, then the devices' in the order sent. */
  readonly evidence: readonly VerifiedEvidence[];
  /** What was read from the init-data; undefined when none was sent. */
  readonly initData: InitDataReading | undefined;
  /** The instant of the attestation, in milliseconds since 1970. */
  readonly now: number;
}

/** What a {@link SessionMachine} is made of. */
export interface SessionMachineOptions {
  /** Where sessions are kept. */
  readonly store: SessionStore;
  /** The verifier of a kind of TEE; undefined where there is none, which refuses the client at once. */
  readonly evidenceVerifier: (tee: TeeName) => EvidenceVerifier | undefined;
  /** Appraises verified evidence and gives the token; a throw refuses the attestation. */
  readonly tokenIssuer: (input: TokenInput) => Promise<string>;
  /** Reads init-data; a throw refuses it. Without it a client that sends init-data is refused. */
  readonly readInitData?: (toml: string) => InitDataReading | Promise<InitDataReading>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Gives so many random bytes. */
  readonly random: (length: number) => Uint8Array;
  /** How long a session lives, counted from the challenge. Default 5. */
  readonly sessionMinutes?: number;
  /** The protocol versions that are served, the preferred one first. Default: 0.4.0 alone. */
  readonly protocolVersions?: readonly ProtocolVersion[];
  /** Cap on the body of an attestation, in bytes. Default 2 MiB. */
  readonly maxAttestBytes?: number;
  /** Let TEE keys of the algorithm `RSA1_5` pass, which clients of protocol 0.1 have. Default false. */
  readonly dangerouslyAllowRsa15?: boolean;
}

/** What to answer. It is made for the wire except `refusal` and `cause`, which are for metrics and the log. */
export interface SessionAnswer {
  /** The HTTP status. */
  readonly status: 200 | 401 | 404;
  /** The body; `application/json`. */
  readonly body: string;
  /** The value of the `Set-Cookie` header, where there is one. */
  readonly cookie: string | undefined;
  /** The kind of TEE of the session, as far as it is known. */
  readonly tee: TeeName | undefined;
  /** Why the answer is a refusal, as the client sees it; undefined for success. */
  readonly refusal: KbsWireError | undefined;
  /** Why the answer is a refusal, as the operator should see it; undefined for success. */
  readonly cause: unknown;
}

/** The server's side of the handshake. Its methods answer every input and throw only what the store throws. */
export interface SessionMachine {
  /**
   * Answer `POST /kbs/v0/auth`.
   *
   * @param body - the body
   */
  auth(body: string | Uint8Array): Promise<SessionAnswer>;
  /**
   * Answer `POST /kbs/v0/attest`.
   *
   * @param cookie - the `Cookie` header
   * @param body - the body
   */
  attest(cookie: string | null | undefined, body: string | Uint8Array): Promise<SessionAnswer>;
  /**
   * The token of an attested session that is not over; undefined for any other. The token still has to be verified.
   *
   * @param cookie - the `Cookie` header
   */
  sessionToken(cookie: string | null | undefined): Promise<string | undefined>;
  /**
   * The session of a cookie, if it is not over. One that is over is deleted.
   *
   * @param cookie - the `Cookie` header
   */
  session(cookie: string | null | undefined): Promise<SessionRecord | undefined>;
}
