/** What stands above docs/README.md on the site. */
export const home = {
  layout: "home",
  hero: {
    name: "Ostiary",
    text: "JWT authentication for TypeScript",
    tagline:
      "An auth server you embed or run, a guard for your APIs, and a client for browsers and React. Sign-out works at once.",
    actions: [
      { theme: "brand", text: "Tutorial, 15 minutes", link: "/tutorial" },
      { theme: "alt", text: "Guard an API", link: "/guard" },
      { theme: "alt", text: "Configuration", link: "/reference/configuration" },
    ],
  },
  features: [
    {
      title: "Revoked means refused",
      details: "A sign-out reaches every guard in a moment, without a look-up per request.",
      link: "/revocation",
      linkText: "How, and its limits",
    },
    {
      title: "Rotation that forgives",
      details: "Two tabs, a retry or a lost answer sign nobody out. A stolen token ends the session.",
      link: "/session-protocol",
      linkText: "The session protocol",
    },
    {
      title: "One file to begin with",
      details: "SQLite for one server; PostgreSQL and Redis for several. No other service.",
      link: "/stores",
      linkText: "Databases",
    },
  ],
};
