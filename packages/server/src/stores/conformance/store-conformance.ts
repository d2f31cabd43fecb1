/**
 * What every store must do, whatever it is made of. Each engine's test file calls it; nothing in it can be switched
 * off. It drives the store with the real rotation table, in one process and from several at once.
 */
import { afterAll, beforeAll, describe } from "vitest";
import { openStore } from "../open-store.ts";
import type { StorePlace } from "../open-store.ts";
import type { Store } from "../store.ts";
import { apiKeyConformance } from "./api-key-conformance.ts";
import { auditConformance } from "./audit-conformance.ts";
import { clientConformance } from "./client-conformance.ts";
import { eventCountConformance } from "./event-count-conformance.ts";
import { keyConformance } from "./key-conformance.ts";
import { lastAdminConformance } from "./last-admin-conformance.ts";
import { federationConformance } from "./federation-conformance.ts";
import { accountRecoveryConformance } from "./account-recovery-conformance.ts";
import { mailConformance } from "./mail-conformance.ts";
import { oauthConformance } from "./oauth-conformance.ts";
import { limitConformance } from "./limit-conformance.ts";
import { logConformance } from "./log-conformance.ts";
import { processConformance } from "./process-conformance.ts";
import { requestConformance } from "./request-conformance.ts";
import { rotationConformance } from "./rotation-conformance.ts";
import { sessionConformance } from "./session-conformance.ts";
import { searchConformance } from "./search-conformance.ts";
import { secondFactorConformance } from "./second-factor-conformance.ts";
import { selfRegisteredConformance } from "./self-registered-conformance.ts";
import type { Subject } from "./subject.ts";
import { sweepConformance } from "./sweep-conformance.ts";
import { userConformance } from "./user-conformance.ts";

/** `makePlace` makes a place for an empty store; it is called once. */
export function storeConformance(engine: string, makePlace: () => Promise<StorePlace>): void {
  describe(`a store on ${engine}`, () => {
    let place: StorePlace;
    let store: Store;
    beforeAll(async () => {
      place = await makePlace();
      store = await openStore(place);
    });
    afterAll(() => store.close());

    const subject: Subject = {
      get store() {
        return store;
      },
      get place() {
        return place;
      },
    };
    userConformance(subject);
    searchConformance(subject);
    sessionConformance(subject);
    rotationConformance(subject);
    logConformance(subject);
    auditConformance(subject);
    sweepConformance(subject);
    clientConformance(subject);
    selfRegisteredConformance(subject);
    oauthConformance(subject);
    federationConformance(subject);
    apiKeyConformance(subject);
    secondFactorConformance(subject);
    requestConformance(subject);
    mailConformance(subject);
    accountRecoveryConformance(subject);
    keyConformance(subject);
    limitConformance(subject);
    lastAdminConformance(subject);
    eventCountConformance(subject);
    processConformance(subject);
  });
}
