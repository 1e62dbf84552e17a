// The page knows, as the amount is typed, whether a passkey will be needed: the decision is taken here, by the policy that the server has, and again by the server.
import { load } from "/policy.mjs";

const policy = await load();
const $ = (id) => document.getElementById(id);
const session = await (await fetch("/session")).json();

const words = {
  allow: () => "No further step is needed.",
  step_up: (d) => d.reasons.map((r) => r.message).find(Boolean) ?? "A passkey will be needed.",
  deny: (d) => d.reasons?.map((r) => r.message).find(Boolean) ?? "Enter an amount.",
  need: () => "",
};

function decide() {
  const text = $("amount").value.trim();
  const amount = text === "" ? undefined : Number(text);
  return policy.decide({ action: "payment.create", signals: { session: { ...session, auth_time: new Date(session.auth_time) }, resource: { amount } } });
}

$("amount").addEventListener("input", () => {
  const d = decide();
  $("hint").textContent = words[d.effect](d);
  $("hint").dataset.effect = d.effect;
});

/** Asks for the passkey. The challenge is the server's, and it is the server that judges what comes back. */
async function passkey() {
  const { challenge } = await (await fetch("/challenge", { method: "POST" })).json();
  const { id, response } = (await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON({ challenge, rpId: location.hostname, userVerification: "required" }) })).toJSON();
  return { id, ...response };
}

$("payment").addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    const proof = decide().effect === "step_up" ? await passkey() : undefined;
    const response = await fetch("/payments", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ amount: Number($("amount").value), proof }) });
    const answer = await response.json();
    $("result").textContent = response.ok ? "Paid." : (answer.reasons?.[0] ?? answer.detail ?? answer.title);
    $("result").dataset.status = response.status;
  } catch (e) {
    $("result").textContent = "The passkey was not given.";
    $("result").dataset.status = e.name;
  }
});

/** Registers a passkey: a page of settings would do it. */
export async function register() {
  const { challenge } = await (await fetch("/challenge", { method: "POST" })).json();
  const made = await navigator.credentials.create({
    publicKey: PublicKeyCredential.parseCreationOptionsFromJSON({
      challenge, rp: { id: location.hostname, name: "shop" }, user: { id: "dQ", name: "u", displayName: "U" }, pubKeyCredParams: [{ type: "public-key", alg: -7 }], authenticatorSelection: { residentKey: "required", userVerification: "required" },
    }),
  });
  const { response } = made.toJSON();
  await fetch("/passkeys", { method: "POST", body: JSON.stringify({ id: made.id, publicKey: response.publicKey, clientDataJSON: response.clientDataJSON }) });
}
globalThis.register = register;
