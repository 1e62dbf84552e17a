/**
 * Sessions from tokens that jose has verified. jose is an optional peer dependency: this file alone imports it.
 *
 * @module
 */

import { type CryptoKey, createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, type JWTVerifyOptions, jwtVerify, type KeyObject } from "jose";
import { type Session, sessionOf, Unauthenticated } from "./guard.ts";

/** How tokens are verified. */
export interface TokenOptions extends JWTVerifyOptions {
  /** Who issues them, and for whom: a token that says neither is for anybody. */
  readonly issuer: string | string[];
  readonly audience: string | string[];
  /** Where the issuer's keys are, or a key, or a function that finds one. */
  readonly keys: URL | CryptoKey | KeyObject | Uint8Array | JWTVerifyGetKey;
}

/** What a token says. */
export interface Verified {
  readonly session: Session;
  readonly claims: JWTPayload;
}

/** A function that reads the session out of a request's Authorization: undefined if it came without a token. One that does not hold is an Unauthenticated; what else fails, fails. Without an issuer or audience it is a TypeError. */
export function tokens({ keys, ...options }: TokenOptions): (authorization: string | null | undefined) => Promise<Verified | undefined> {
  if (!options.issuer?.length || !options.audience?.length) throw new TypeError("tokens are held against an issuer and an audience: both are needed");
  const key = keys instanceof URL ? createRemoteJWKSet(keys) : keys;
  return async (authorization) => {
    if (!authorization) return undefined;
    const [, token] = /^(?:Bearer|DPoP) +([^\s,]+)$/i.exec(authorization) ?? [];
    if (!token) throw new Unauthenticated("the credential is no token");
    try {
      // The two forms are overloads of one function.
      const { payload } = typeof key === "function" ? await jwtVerify(token, key, options) : await jwtVerify(token, key, options);
      return { session: sessionOf(payload), claims: payload };
    } catch (e) {
      // Where the keys cannot be fetched, the token is not to blame.
      const failed = e instanceof errors.JWKSTimeout || e instanceof errors.JWKSInvalid || !(e instanceof errors.JOSEError);
      if (failed) throw e;
      throw new Unauthenticated("the token does not hold", { cause: e });
    }
  };
}
