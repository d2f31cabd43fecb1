import { createHash } from "node:crypto";
import { productionPackages } from "./production-packages.ts";
import type { Lock, ProductionPackage } from "./production-packages.ts";

export interface SbomOptions {
  readonly lock: Lock;
  /** Of the package: `packages/server`. */
  readonly folder: string;
  /** Of the commit, in ISO 8601: the same commit gives the same bytes. */
  readonly timestamp: string;
}

/**
 * What comes with a package when it is installed as package-lock.json has it, in CycloneDX 1.5: no development, no host, no path.
 * `npm sbom` is not used: of one workspace it leaves out what the root names too.
 */
export function sbomOf({ lock, folder, timestamp }: SbomOptions): string {
  const [own, ...others] = productionPackages(lock, folder);
  if (own === undefined) throw new Error(`package-lock.json says nothing of ${folder}.`);
  const purls = new Map([own, ...others].map((each) => [each.place, purlOf(each)]));
  const body = {
    metadata: { timestamp, component: componentOf(own) },
    components: others.map(componentOf),
    dependencies: [own, ...others].map((each) => ({
      ref: purlOf(each),
      dependsOn: each.dependsOn.map((place) => purls.get(place)),
    })),
  };
  const serial = createHash("sha256").update(JSON.stringify(body)).digest("hex");
  // A UUID of our own making (RFC 9562 §5.8), by the content.
  const uuid = serial.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, "$1-$2-8$3-8$4-$5");
  return `${JSON.stringify({ $schema: "http://cyclonedx.org/schema/bom-1.5.schema.json", bomFormat: "CycloneDX", specVersion: "1.5", serialNumber: `urn:uuid:${uuid}`, version: 1, ...body }, null, 2)}\n`;
}

function componentOf(each: ProductionPackage) {
  const { name, isOptional, entry: { version, license, integrity } } = each;
  return {
    "bom-ref": purlOf(each),
    type: "library",
    name,
    version,
    scope: isOptional ? "optional" : "required",
    ...(license === undefined
      ? {}
      : { licenses: [/^[\w.-]+$/.test(license) ? { license: { id: license } } : { expression: license }] }),
    purl: purlOf(each),
    ...(integrity === undefined ? {} : { hashes: integrity.split(" ").map(hashOf) }),
  };
}

/** `sha512-…` in base64, as a lock file has it. */
function hashOf(integrity: string) {
  const [algorithm = "", value = ""] = integrity.split(/-(.*)/s);
  return { alg: algorithm.toUpperCase().replace("SHA", "SHA-"), content: Buffer.from(value, "base64").toString("hex") };
}

function purlOf({ name, entry: { version = "" } }: ProductionPackage): string {
  return `pkg:npm/${name.replace("@", "%40")}@${version}`;
}
