/** A certificate for `localhost` that nobody vouches for: made when it is needed, so that no key lies about. */
import { generateKeyPairSync, randomBytes, sign } from "node:crypto";

/** One element of DER (X.690 §8): its tag, its length, what is in it. */
function element(tag: number, ...content: Uint8Array[]): Buffer {
  const body = Buffer.concat(content);
  const size = Buffer.from(body.length.toString(16).padStart(body.length > 0xff ? 4 : 2, "0"), "hex");
  const length = body.length < 0x80 ? [body.length] : [0x80 | size.length, ...size];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
}

const sequence = (...content: Uint8Array[]): Buffer => element(0x30, ...content);
const hex = (text: string): Buffer => Buffer.from(text, "hex");
const time = (date: Date): Buffer => element(0x17, Buffer.from(date.toISOString().replaceAll(/[-:T]|\.\d+/g, "").slice(2)));

/** ecdsa-with-SHA256; commonName; subjectAltName. */
const [ECDSA, NAME, ALT_NAMES] = ["06082a8648ce3d040302", "0603550403", "0603551d11"].map(hex) as [Buffer, Buffer, Buffer];

/** Good for a day (RFC 5280 §4.1). */
export function selfSigned(host: string): { key: string; cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const day = 86_400_000;
  const name = sequence(element(0x31, sequence(NAME, element(0x0c, Buffer.from(host)))));
  const altNames = element(0x04, sequence(element(0x82, Buffer.from(host))));
  const toSign = sequence(
    element(0xa0, element(0x02, hex("02"))),
    element(0x02, hex("01"), randomBytes(8)),
    sequence(ECDSA),
    name,
    sequence(time(new Date(Date.now() - day)), time(new Date(Date.now() + day))),
    name,
    publicKey.export({ type: "spki", format: "der" }),
    element(0xa3, sequence(sequence(ALT_NAMES, altNames))),
  );
  const signature = element(0x03, hex("00"), sign("sha256", toSign, privateKey));
  const der = sequence(toSign, sequence(ECDSA), signature);
  return {
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${der.toString("base64")}\n-----END CERTIFICATE-----\n`,
  };
}
