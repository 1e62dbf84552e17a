// A worker that stands before a small API: it decides at the edge, and what is not allowed never reaches the origin.
import { loadSync } from "@rungpolicy/rung";
import { guard } from "@rungpolicy/rung/http";
import { tokens } from "@rungpolicy/rung/jwt";
import module from "./policy.wasm";

// Modules are not compiled at run time here: this one was imported, compiled.
const policy = loadSync(module);

/** What a handler may go by: the session of a token that holds, the caller's country as the edge knows it. */
async function decide(request, { action }, env) {
  verify ??= tokens({ issuer: env.ISSUER, audience: env.AUDIENCE, keys: keysOf(env) });
  const verified = await verify(request.headers.get("Authorization"));
  return policy.decide({
    action,
    signals: {
      session: verified?.session,
      subject: verified && { id: verified.claims.sub, country: verified.claims.country },
      network: { country: request.headers.get("CF-IPCountry") ?? undefined },
    },
  });
}

let verify;

/** Keys from the issuer; in tests, from the environment. */
const keysOf = (env) => (env.JWK ? async () => crypto.subtle.importKey("jwk", JSON.parse(env.JWK), { name: "ECDSA", namedCurve: "P-256" }, false, ["verify"]) : new URL(env.JWKS));

/** The API, which is behind the guard. */
const api = (request, decision) => Response.json({ action: decision?.action, notes: request.method === "DELETE" ? [] : ["buy milk"] });

let guarded;

export default {
  fetch(request, env) {
    guarded ??= guard(policy, (r, about) => decide(r, about, env), api, { open: ["GET /healthz"], report: (cause) => console.error(String(cause)) });
    return guarded(request);
  },
};
