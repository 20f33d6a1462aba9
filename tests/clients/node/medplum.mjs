// The story told by @medplum/core.
import assert from "node:assert/strict";
import { MedplumClient, OperationOutcomeError } from "@medplum/core";
import {
  accessToken, byRecord, etag, finish, given, held, patient, reviewed, visit,
} from "./story.mjs";

const { origin, pathname } = new URL(given.base);
const client = (token) => {
  const made = new MedplumClient({
    baseUrl: `${origin}/`,
    fhirUrlPath: pathname.slice(1),
    tokenUrl: given.tokenUrl,
    cacheTime: 0,
    fetch,
  });
  made.setAccessToken(token);
  return made;
};

const feed = client(await accessToken(given.tokenUrl));
held("token");

const first = await feed.createResource(patient(given.record));
held("create");

const again = await feed.createResourceIfNoneExist(
  patient(given.record), byRecord(given.record),
);
assert.equal(again.id, first.id);
held("conditional create");

const answer = await feed.executeBatch(visit(given.record));
assert.equal(answer.type, "transaction-response");
assert.match(answer.entry[0].response.location, new RegExp(`^Patient/${first.id}/`));
held("transaction");

for (const heart of [70, 71, 72, 73, 74]) {
  await feed.createResource({
    resourceType: "Observation",
    status: "final",
    code: { coding: [{ system: "http://loinc.org", code: "8867-4" }] },
    subject: { reference: `Patient/${first.id}` },
    effectiveDateTime: "2020-01-01T10:00:00Z",
    valueQuantity: { value: heart, system: "http://unitsofmeasure.org", code: "/min" },
  });
}
const seen = new Set();
const query = { patient: first.id, _count: "2" };
for await (const page of feed.searchResourcePages("Observation", query)) {
  for (const each of page) seen.add(each.id);
}
assert.equal(seen.size, 5);
held("search with paging");

const stored = await feed.readResource("Patient", first.id);
assert.equal(stored.birthDate, "1980-03-04");
held("read");

const expecting = (resource) => ({ headers: { "If-Match": etag(resource) } });
await feed.updateResource({ ...stored, active: true }, expecting(stored));
await assert.rejects(
  feed.updateResource({ ...stored, active: false }, expecting(stored)),
  (error) => error instanceof OperationOutcomeError,
);
held("update with a version conflict");

const patched = await feed.patchResource("Patient", first.id, [
  { op: "replace", path: "/active", value: false },
]);
assert.equal(patched.active, false);
held("patch");

const nurse = client(given.nurse);
const task = await reviewed({
  find: async (known) => {
    if (known) return nurse.readResource("Task", known.id, { cache: "no-cache" });
    const [waiting] = await nurse.searchResources("Task", {
      patient: first.id, status: "requested",
    }, { cache: "no-cache" });
    return waiting?.description.includes("not answered yet") ? null : waiting;
  },
  update: (body, read) => nurse.updateResource(body, expecting(read)),
  isStale: (error) =>
    error instanceof OperationOutcomeError && error.outcome.issue[0].code === "conflict",
});
assert.equal(task.status, "completed");
held("complete a Task");
finish();
