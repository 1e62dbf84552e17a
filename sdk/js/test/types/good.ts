import { decideWith, load } from "../made/bank.mjs";
const policy = await load({ posture: "elevated", params: { transfer_limit: 100 } });
const d = policy.decide({ action: "transfer.create", signals: { session: { amr: ["pwd"], auth_time: new Date() }, resource: { amount: 5, currency: "EUR" } } });
if (d.effect === "step_up") { const l: "password" | "mfa" | "passkey" = d.requirement.level; console.log(l, d.reasons[0]?.rule); }
const a: "transfer.create" | undefined = d.error ? undefined : d.action;
await decideWith(policy, { reputation: async () => 0.5 }, { action: "rates.view" });
console.log(a);
