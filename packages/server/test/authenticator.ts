/** An authenticator made of software: what a passkey does in a browser, for tests (WebAuthn §6). */
import { createHash, createPrivateKey, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import type { KeyObject } from "node:crypto";
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from "../src/second-factors/webauthn.ts";

interface Where {
  readonly origin?: string;
  readonly rpId?: string;
  /** Whether it has asked who it is. Default true. */
  readonly verified?: boolean;
}

interface Options {
  readonly challenge: string;
  readonly rpId?: string;
  readonly rp?: { readonly id?: string };
  readonly user?: { readonly id: string };
}

export class Authenticator {
  readonly id = randomBytes(16).toString("base64url");
  readonly #key: KeyObject;
  readonly #origin: string;
  #handle = "";
  /** How often it says that it has signed; 0 for one that does not count. */
  counter = 0;

  constructor(origin = "http://localhost:4000") {
    this.#origin = origin;
    const { privateKey } = generateKeyPairSync("ec", {
      namedCurve: "P-256",
      privateKeyEncoding: { type: "pkcs8", format: "pem" },
      publicKeyEncoding: { type: "spki", format: "pem" },
    });
    this.#key = createPrivateKey(privateKey);
  }

  create(options: unknown, where: Where & { attestation?: Uint8Array } = {}): RegistrationResponseJSON {
    const { challenge, rp, user } = options as Options;
    this.#handle = user?.id ?? "";
    const { x = "", y = "" } = this.#key.export({ format: "jwk" });
    const cose = Buffer.concat([
      Buffer.of(0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32),
      bytes(x),
      Buffer.of(0x22, 0x58, 32),
      bytes(y),
    ]);
    const id = bytes(this.id);
    const made = Buffer.concat([Buffer.alloc(16), Buffer.of(0, id.length), id, cose]);
    const data = Buffer.concat([this.#authData(where.rpId ?? rp?.id ?? "", 0x41 | verifiedBit(where)), made]);
    const attestation = Buffer.concat([
      Buffer.of(0xa3),
      text("fmt"),
      text("none"),
      text("attStmt"),
      Buffer.of(0xa0),
      text("authData"),
      byteString(data),
    ]);
    return {
      ...this.#named(),
      response: {
        clientDataJSON: this.#clientData("webauthn.create", challenge, where),
        attestationObject: base64url(where.attestation ?? attestation),
        transports: ["internal"],
      },
    };
  }

  get(options: unknown, where: Where & { handle?: string } = {}): AuthenticationResponseJSON {
    const { challenge, rpId } = options as Options;
    const data = this.#authData(where.rpId ?? rpId ?? "", 0x01 | verifiedBit(where));
    const client = this.#clientData("webauthn.get", challenge, where);
    const hash = createHash("sha256").update(bytes(client)).digest();
    const signature = sign("sha256", Buffer.concat([data, hash]), this.#key);
    const userHandle = where.handle ?? this.#handle;
    return {
      ...this.#named(),
      response: { clientDataJSON: client, authenticatorData: base64url(data), signature: base64url(signature), userHandle },
    };
  }

  #named() {
    return { id: this.id, rawId: this.id, type: "public-key", clientExtensionResults: {} } as const;
  }

  #clientData(type: string, challenge: string, { origin = this.#origin }: Where): string {
    return base64url(Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false })));
  }

  #authData(rpId: string, flags: number): Buffer {
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(this.counter);
    return Buffer.concat([createHash("sha256").update(rpId).digest(), Buffer.of(flags), counter]);
  }
}

function verifiedBit({ verified = true }: Where): number {
  return verified ? 0x04 : 0;
}

function bytes(encoded: string): Buffer {
  return Buffer.from(encoded, "base64url");
}

function base64url(raw: Uint8Array): string {
  return Buffer.from(raw).toString("base64url");
}

/** As CBOR has it. */
function text(value: string): Buffer {
  return Buffer.concat([Buffer.of(0x60 + value.length), Buffer.from(value)]);
}

function byteString(value: Buffer): Buffer {
  return Buffer.concat([Buffer.of(0x59, value.length >> 8, value.length & 0xff), value]);
}
