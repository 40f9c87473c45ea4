/**
 * The TDX module: which identity judges it, and its own security version.
 *
 * @module
 */
import { equalBytes } from '@sealwright/bytes';
import { TdxQuoteError } from './errors.js';
import { equalUnder } from './qe-identity.js';
import type { IsvLevel, TcbInfo, TdxModule, TdxModuleIdentity } from './tcb-info.js';
import type { TdReportBody } from './td-report-body.js';

/**
 * Hold a module to its identity.
 *
 * @param body - of the quote
 * @param info - TCB info for TDX
 * @returns the identity; `undefined` for major version 0, which has no levels of its own
 */
export function checkTdxModule(body: TdReportBody, info: TcbInfo): TdxModuleIdentity | undefined {
  const version = body.teeTcbSvn[1] ?? 0;
  const identity = version === 0 ? undefined : findTdxModuleIdentity(info, version);
  const expected: TdxModule | undefined = identity ?? info.tdxModule;
  if (expected === undefined)
    throw new TdxQuoteError(
      'ERR_TDX_TDX_MODULE_IDENTITY_NOT_FOUND',
      'the TCB info does not say what the module is',
    );
  if (!equalBytes(body.mrSignerSeam, expected.mrSigner))
    throw new TdxQuoteError('ERR_TDX_TDX_MODULE_MRSIGNER_MISMATCH', 'the module has another signer');
  // They are zero, and must be what the identity wants of zero.
  if (body.seamAttributes !== 0n || !equalUnder(expected.attributesMask, NONE, expected.attributes))
    throw new TdxQuoteError('ERR_TDX_TDX_MODULE_ATTRIBUTES_MISMATCH', 'the module has other attributes');
  return identity;
}

/** The identity of a major version. */
export function findTdxModuleIdentity(info: TcbInfo, version: number): TdxModuleIdentity {
  const id = `TDX_${version.toString(16).padStart(2, '0').toUpperCase()}`;
  const found = info.tdxModuleIdentities.find((identity) => identity.id.toUpperCase() === id);
  if (found === undefined)
    throw new TdxQuoteError(
      'ERR_TDX_TDX_MODULE_IDENTITY_NOT_FOUND',
      `the TCB info does not know module ${id}`,
    );
  return found;
}

/** The level that a module reaches; `undefined` for major version 0, which counts as up to date. */
export function tdxModuleLevel(
  body: TdReportBody,
  identity: TdxModuleIdentity | undefined,
): IsvLevel | undefined {
  if (identity === undefined) return undefined;
  const svn = body.teeTcbSvn[0] ?? 0;
  const level = identity.levels.find(({ isvSvn }) => isvSvn <= svn);
  if (level === undefined)
    throw new TdxQuoteError(
      'ERR_TDX_TDX_MODULE_TCB_NOT_SUPPORTED',
      `the module ${identity.id} has security version ${svn}, below ${identity.levels.at(-1)?.isvSvn ?? 'every level'}`,
    );
  return level;
}

const NONE: Uint8Array = new Uint8Array(8);
