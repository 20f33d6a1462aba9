// The story told by fhir-kit-client.
import assert from "node:assert/strict";
import { Client } from "fhir-kit-client";
import {
  accessToken, byRecord, etag, finish, given, held, patient, reviewed, visit,
} from "./story.mjs";

const feed = new Client({ baseUrl: given.base });
const known = await feed.smartAuthMetadata();
assert.equal(known.tokenUrl.href, given.tokenUrl);
feed.bearerToken = await accessToken(known.tokenUrl.href);
held("token");

const first = await feed.create({ resourceType: "Patient", body: patient(given.record) });
held("create");

const again = await feed.create({
  resourceType: "Patient",
  body: patient(given.record),
  options: { headers: { "If-None-Exist": byRecord(given.record) } },
});
assert.equal(again.id, first.id);
held("conditional create");

const answer = await feed.transaction({ body: visit(given.record) });
assert.equal(answer.type, "transaction-response");
assert.match(answer.entry[0].response.location, new RegExp(`^Patient/${first.id}/`));
held("transaction");

for (const heart of [70, 71, 72, 73, 74]) {
  await feed.create({
    resourceType: "Observation",
    body: {
      resourceType: "Observation",
      status: "final",
      code: { coding: [{ system: "http://loinc.org", code: "8867-4" }] },
      subject: { reference: `Patient/${first.id}` },
      effectiveDateTime: "2020-01-01T10:00:00Z",
      valueQuantity: {
        value: heart, system: "http://unitsofmeasure.org", code: "/min",
      },
    },
  });
}
let page = await feed.search({
  resourceType: "Observation",
  searchParams: { patient: first.id, _count: "2" },
});
const seen = new Set();
while (page) {
  for (const entry of page.entry ?? []) seen.add(entry.resource.id);
  page = await feed.nextPage({ bundle: page });
}
assert.equal(seen.size, 5);
held("search with paging");

const stored = await feed.read({ resourceType: "Patient", id: first.id });
assert.equal(stored.birthDate, "1980-03-04");
held("read");

const changed = { ...stored, active: true };
const update = (body) =>
  feed.update({
    resourceType: "Patient",
    id: first.id,
    body,
    options: { headers: { "If-Match": etag(stored) } },
  });
await update(changed);
await assert.rejects(update({ ...changed, active: false }), (error) => {
  assert.equal(error.response.status, 412);
  assert.equal(error.response.data.resourceType, "OperationOutcome");
  return true;
});
held("update with a version conflict");

const nurse = new Client({ baseUrl: given.base, bearerToken: given.nurse });
const task = await reviewed({
  find: async (known) => {
    if (known) return nurse.read({ resourceType: "Task", id: known.id });
    const found = await nurse.search({
      resourceType: "Task",
      searchParams: { patient: first.id, status: "requested" },
    });
    const waiting = found.entry?.[0]?.resource;
    return waiting?.description.includes("not answered yet") ? null : waiting;
  },
  update: (body, read) =>
    nurse.update({
      resourceType: "Task",
      id: body.id,
      body,
      options: { headers: { "If-Match": etag(read) } },
    }),
  isStale: (error) => error.response?.status === 412,
});
assert.equal(task.status, "completed");
held("complete a Task");
finish();
