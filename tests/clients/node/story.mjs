// What both clients have in common: the gateway's address, keys, and one story.
import assert from "node:assert/strict";
import { createPrivateKey, randomUUID, sign } from "node:crypto";

/** { base, tokenUrl, clientId, kid, privateKey (PKCS#8 PEM), nurse (bearer), record } */
export const given = JSON.parse(process.argv[2]);

const MRN = "urn:example:mrn";
const done = [];

/** Note a step that held; the test reads them from the last line. */
export function held(step) {
  done.push(step);
}

export function finish() {
  console.log(JSON.stringify(done));
}

/** A client assertion as SMART Backend Services asks for it, signed by ES384. */
export function assertion(audience) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const now = Math.floor(Date.now() / 1000);
  const header = { alg: "ES384", kid: given.kid, typ: "JWT" };
  const claims = {
    iss: given.clientId,
    sub: given.clientId,
    aud: audience,
    exp: now + 120,
    jti: randomUUID(),
  };
  const signed = `${part(header)}.${part(claims)}`;
  const key = { key: createPrivateKey(given.privateKey), dsaEncoding: "ieee-p1363" };
  return `${signed}.${sign("sha384", Buffer.from(signed), key).toString("base64url")}`;
}

/** Exchange an assertion for an access token. */
export async function accessToken(tokenUrl) {
  const answer = await fetch(tokenUrl, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "client_credentials",
      scope: "system/*.cruds",
      client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
      client_assertion: assertion(tokenUrl),
    }),
  });
  const said = await answer.json();
  assert.equal(answer.status, 200, JSON.stringify(said));
  return said.access_token;
}

export const patient = (record) => ({
  resourceType: "Patient",
  identifier: [{ system: MRN, value: record }],
  gender: "female",
  birthDate: "1980-03-04",
});

export const byRecord = (record) => `identifier=${MRN}|${record}`;

/** A patient, known already or not, who comes with chest pain. */
export function visit(record) {
  const whom = `urn:uuid:${randomUUID()}`;
  return {
    resourceType: "Bundle",
    type: "transaction",
    entry: [
      {
        fullUrl: whom,
        resource: patient(record),
        request: { method: "POST", url: "Patient", ifNoneExist: byRecord(record) },
      },
      {
        fullUrl: `urn:uuid:${randomUUID()}`,
        resource: {
          resourceType: "Encounter",
          status: "in-progress",
          class: {
            system: "http://terminology.hl7.org/CodeSystem/v3-ActCode",
            code: "EMER",
          },
          subject: { reference: whom },
          reasonCode: [{ text: "crushing chest pain" }],
        },
        request: { method: "POST", url: "Encounter" },
      },
    ],
  };
}

/** A nurse's acceptance of the assessment in a Task that is in progress. */
export function accepted(task) {
  const said = (code) => ({
    coding: [
      { system: "https://triage-gateway.example/fhir/CodeSystem/task", code },
    ],
  });
  const acuity = task.input.find((each) =>
    each.type.coding?.some((coding) => coding.code === "acuity"),
  ).valueInteger;
  return {
    ...task,
    status: "completed",
    output: [
      { type: said("decision"), valueString: "accepted" },
      { type: said("acuity"), valueInteger: acuity },
    ],
  };
}

export const etag = (resource) => `W/"${resource.meta.versionId}"`;

/**
 * Take the Task through a nurse's steps. Data that arrive meanwhile make it newer: she
 * is answered 412, and reads it again before she goes on.
 */
export async function reviewed({ find, update, isStale }) {
  let task = await until(find);
  for (const next of [
    (each) => ({ ...each, status: "accepted" }),
    (each) => ({ ...each, status: "in-progress" }),
    accepted,
  ]) {
    task = await until(async () => {
      try {
        return await update(next(task), task);
      } catch (error) {
        if (!isStale(error)) throw error;
        task = await find(task);
        return null;
      }
    });
  }
  return task;
}

/** Look again until there is something, for at most 20 s. */
export async function until(look) {
  for (const end = Date.now() + 20_000; Date.now() < end; ) {
    const found = await look();
    if (found) return found;
    await new Promise((again) => setTimeout(again, 50));
  }
  assert.fail("Nothing came within 20 s.");
}
