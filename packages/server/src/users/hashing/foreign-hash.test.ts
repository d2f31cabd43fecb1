/** Hashes that Python's hashlib, libxcrypt, the reference argon2 and better-auth 1.7.25 made of one password. */
import { hashSync } from "@node-rs/argon2";
import { describe, expect, it } from "vitest";
import { readForeignHash } from "./foreign-hash.ts";
import { matchesHash } from "./password-hash.ts";

const PASSWORD = "pässword of elsewhere";

const BCRYPT = "$2b$04$abcdefghijklmnopqrstuuzSqlACeHrMC5949SFrwZqnnPJwimoCO";

const KNOWN: [string, string][] = [
  ["bcrypt $2b$", BCRYPT],
  ["bcrypt $2a$", BCRYPT.replace("$2b", "$2a")],
  ["bcrypt $2y$, as PHP writes it", BCRYPT.replace("$2b", "$2y")],
  ["scrypt in PHC form", "$scrypt$ln=14,r=8,p=1$MDEyMzQ1Njc4OWFiY2RlZg$ww/yAkavbYgrNmcOgOYYci7Pj7p6cuuzhzefkQanyiQ"],
  [
    "scrypt as Werkzeug writes it",
    "scrypt:32768:8:1$AbCdEf$b0df5f0f62a0f349fc3b9654dca2112aab7e137cb0a0981e2bf031a945a17c975c7481f9f98d68c134f93595614ad414813bfb931a6d58553ebb3e51108153c7",
  ],
  [
    "scrypt as better-auth writes it",
    "f50e263a0d455d4ebffafca016610f61:f9d0ad5038889f2661ed2a53d052ad7782581d38694079f47a14cc98740afa911b16dce61a27d6d199f524801bcdb6dc9ccdd1c61d560077b437858272379cc4",
  ],
  ["PBKDF2 as Django writes it", "pbkdf2_sha256$1000$AbCdEf$CnVREXoOO2DEF+YayNVXwXePhzs0IOtUrCFYijXy8Uo="],
  ["PBKDF2 as Werkzeug writes it", "pbkdf2:sha256:1000$AbCdEf$0a7551117a0e3b60c417e61ac8d557c1778f873b3420eb54ac21588a35f2f14a"],
  ["PBKDF2 as passlib writes it", "$pbkdf2-sha256$1000$MDEyMzQ1Njc4OWFiY2RlZg$1QdkxLppR9XED9h8mfWqGpwL27pSB6h2u.5.kRE17fY"],
  [
    "PBKDF2 with SHA-512 in PHC form",
    "$pbkdf2-sha512$i=1000$MDEyMzQ1Njc4OWFiY2RlZg$3++GBQN1DaIaP1K07B+tWKAHLC0c2MJ8uVIOnb88pjYoH3nH4rvMPaZXtoZVkKaQZzo1cNAAM77lbPXCTlBX2w",
  ],
  ...([0, 1, 2] as const).map((algorithm): [string, string] => [
    `Argon2 ${["d", "i", "id"][algorithm]} with other parameters`,
    hashSync(PASSWORD, { algorithm, memoryCost: 4096, timeCost: 3, parallelism: 2 }),
  ]),
];

describe("a hash from elsewhere", () => {
  it.each(KNOWN)("%s: its password matches, another does not", (_, stored) => {
    expect(readForeignHash(stored)).not.toBeNull();
    expect(matchesHash(PASSWORD, null, stored)).toBe(true);
    expect(matchesHash(`${PASSWORD}s`, null, stored)).toBe(false);
    expect(matchesHash("", null, stored)).toBe(false);
  });
});

describe("what cannot be checked, or would cost too much, is no hash", () => {
  it.each([
    "",
    "password",
    "5f4dcc3b5aa765d61d8327deb882cf99",
    "{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=",
    "$1$abc$def",
    "$2x$10$abcdefghijklmnopqrstuuzSqlACeHrMC5949SFrwZqnnPJwimoCO",
    "$2b$31$abcdefghijklmnopqrstuuzSqlACeHrMC5949SFrwZqnnPJwimoCO",
    "$2b$10$tooshort",
    "$argon2id$v=19$m=4194304,t=2,p=1$fAQkeeEO3ffz/stVvgZcyg$8KkMdR31z7I1GAMB+wwz0IcomdtmzIXXX65Qwf7+/7w",
    "$argon2id$v=19$m=19456,t=2000,p=1$fAQkeeEO3ffz/stVvgZcyg$8KkMdR31z7I1GAMB+wwz0IcomdtmzIXXX65Qwf7+/7w",
    "$argon2id$v=19$m=19456,t=2,p=1$fAQkeeEO3ffz/stVvgZcyg$8KkM",
    "$scrypt$ln=30,r=8,p=1$MDEyMzQ1Njc4OWFiY2RlZg$ww/yAkavbYgrNmcOgOYYci7Pj7p6cuuzhzefkQanyiQ",
    "$scrypt$ln=14,r=8,p=1$MDEyMzQ1Njc4OWFiY2RlZg$ww",
    "scrypt:32769:8:1$AbCdEf$b0df5f0f62a0f349fc3b9654dca2112aab7e137cb0a0981e2bf031a945a17c97",
    "pbkdf2_sha256$0$AbCdEf$CnVREXoOO2DEF+YayNVXwXePhzs0IOtUrCFYijXy8Uo=",
    "pbkdf2_sha256$999999999$AbCdEf$CnVREXoOO2DEF+YayNVXwXePhzs0IOtUrCFYijXy8Uo=",
    "pbkdf2_md5$1000$AbCdEf$CnVREXoOO2DEF+YayNVXwXePhzs0IOtUrCFYijXy8Uo=",
    "pbkdf2_sha256$1000$AbCdEf$",
  ])("%s", (stored) => {
    expect(readForeignHash(stored)).toBeNull();
  });
});
