// The types that openapi-typescript makes of the REST document are enough to refer, replay, report, read and withdraw.
import type { components, paths } from "./types.js";

declare const process: { env: Record<string, string> };
type Intake = components["schemas"]["Intake"];
type Posted = paths["/api/v1/referrals/"]["post"]["responses"][201]["content"]["application/json"];
type Reported = components["schemas"]["EventReport"];
type Referral = paths["/api/v1/referrals/{reference}/"]["get"]["responses"][200]["content"]["application/json"];

const { BASE, TOKEN, INTAKE } = process.env;
const intake = JSON.parse(INTAKE) as Intake;

async function call<T>(method: string, path: string, body?: unknown, key?: string): Promise<[number, T]> {
  const headers: Record<string, string> = { Authorization: `Bearer ${TOKEN}`, "Content-Type": "application/json" };
  if (key) headers["Idempotency-Key"] = key;
  const answer = await fetch(`${BASE}${path}`, { method, headers, body: body ? JSON.stringify(body) : undefined });
  return [answer.status, (await answer.json()) as T];
}

const sent = { ...intake, referrer_concern: "as_guideline" } satisfies Intake;
const [created, first] = await call<Posted>("POST", "/api/v1/referrals/", sent, "npm-1");
const [replayed, again] = await call<Posted>("POST", "/api/v1/referrals/", sent, "npm-1");
const scan: Reported = {
  kind: "mri_performed",
  occurred_at: new Date().toISOString(),
  data: { modality: "mri", regions: ["cervical", "thoracic", "lumbar"] },
};
const [reported] = await call<unknown>("POST", `/api/v1/referrals/${first.reference}/events/`, scan, "npm-2");
const [read, referral] = await call<Referral>("GET", `/api/v1/referrals/${first.reference}/`);
const reason: components["schemas"]["Withdrawal"] = { reason: "Sent for the wrong person" };
const [withdrawn] = await call<Referral>("POST", `/api/v1/referrals/${first.reference}/withdraw/`, reason);
const same = first.reference === again.reference && referral.reference === first.reference;
console.log(JSON.stringify({ statuses: [created, replayed, reported, read, withdrawn], same, clocks: referral.clocks.length }));
