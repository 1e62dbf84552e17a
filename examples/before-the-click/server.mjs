// The server decides again: what the page says is a hint, and what the server has verified is evidence. One user, whose session is one of the password; all is kept in memory.
import { createHash, createPublicKey, randomBytes, verify } from "node:crypto";
import { readFile } from "node:fs/promises";
import http from "node:http";
import { loadSync } from "@rungpolicy/rung";
import { guardExpress } from "@rungpolicy/rung/express";
import { Unauthenticated, Unreadable } from "@rungpolicy/rung/guard";

const csp = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const pages = { "/": ["index.html", "text/html; charset=utf-8"], "/page.mjs": ["page.mjs", "text/javascript"], "/policy.mjs": ["policy.mjs", "text/javascript"] };

/** A server of the page and of its payments. `module` is the policy's, `folder` where the page is. */
export function serve({ module, folder, clock = Date.now }) {
  const policy = loadSync(module, { clock });
  const signedIn = clock();
  const passkeys = new Map();
  const challenges = new Map();

  /** Whether a challenge is one of ours, not of old, and not used before. */
  const spend = (challenge) => {
    const until = challenges.get(challenge);
    challenges.delete(challenge);
    return until !== undefined && clock() <= until;
  };
  const clientData = (text, type, origin) => {
    const bytes = Buffer.from(text ?? "", "base64url");
    const data = JSON.parse(bytes);
    if (data.type !== type || data.origin !== origin || !spend(data.challenge)) throw new Unauthenticated("the client's data are not of this challenge");
    return bytes;
  };

  /** When the passkey was given; undefined without a proof. A proof that does not hold is no evidence. */
  const proved = (proof, origin) => {
    if (!proof) return undefined;
    const key = passkeys.get(proof.id);
    if (!key) throw new Unauthenticated("no such passkey");
    const data = Buffer.from(proof.authenticatorData ?? "", "base64url");
    const signed = Buffer.concat([data, createHash("sha256").update(clientData(proof.clientDataJSON, "webauthn.get", origin)).digest()]);
    const verified = (data[32] & 5) === 5; // user present and verified
    const rp = createHash("sha256").update(new URL(origin).hostname).digest();
    if (!verified || !rp.equals(data.subarray(0, 32)) || !verify("sha256", signed, key, Buffer.from(proof.signature ?? "", "base64url"))) throw new Unauthenticated("the passkey does not hold");
    return new Date(clock());
  };

  const guard = guardExpress(
    policy,
    async (request, { action }) => {
      let body;
      try {
        body = JSON.parse(await read(request));
      } catch (cause) {
        throw new Unreadable("no JSON", { cause });
      }
      const at = proved(body.proof, request.headers.origin);
      const session = { acr: "urn:shop:pwd", amr: ["pwd"], auth_time: new Date(signedIn), authentications: at ? [{ acr: "urn:shop:passkey", amr: ["hwk", "user"], time: at }] : [] };
      return policy.decide({ action, signals: { session, resource: { amount: body.amount } } });
    },
    { open: ["GET /", "POST /challenge", "POST /passkeys"], clock, report: () => undefined },
  );

  const routes = {
    "GET /session": () => ({ acr: "urn:shop:pwd", amr: ["pwd"], auth_time: new Date(signedIn), authentications: [] }),
    "POST /challenge": () => {
      const challenge = randomBytes(32).toString("base64url");
      if (challenges.size > 1000) challenges.clear();
      challenges.set(challenge, clock() + 120_000);
      return { challenge };
    },
    "POST /passkeys": async (request) => {
      const { id, publicKey, clientDataJSON } = JSON.parse(await read(request));
      clientData(clientDataJSON, "webauthn.create", request.headers.origin);
      passkeys.set(id, createPublicKey({ key: Buffer.from(publicKey, "base64url"), format: "der", type: "spki" }));
      return {};
    },
    "POST /payments": () => ({ paid: true }),
  };

  return http.createServer((request, response) =>
    guard(request, response, async () => {
      try {
        const [file, type] = pages[request.url] ?? [];
        if (file) return response.writeHead(200, { "Content-Type": type, "Content-Security-Policy": csp }).end(await readFile(new URL(file, folder)));
        const route = routes[`${request.method} ${request.url}`];
        if (!route) return response.writeHead(404).end();
        response.writeHead(200, { "Content-Type": "application/json", "Cache-Control": "no-store" }).end(JSON.stringify(await route(request)));
      } catch {
        response.writeHead(400).end();
      }
    }),
  );
}

/** A body of 16 KiB at most. */
async function read(request) {
  let text = "";
  for await (const part of request) if ((text += part).length > 16 << 10) throw new Unreadable("the body is too large");
  return text;
}
