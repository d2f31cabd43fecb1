import { createNextAuth } from "@ostiary/guard/next";
import { issuer, ostiary } from "./ostiary";

export const { proxy, currentUser, requireUser, requireRole, protect, login, logout } = createNextAuth({
  issuer,
  guard: async () => (await ostiary()).guard,
  fetch: async (url, init) => (await ostiary()).fetch(new Request(url, init)),
});
