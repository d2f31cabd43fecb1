import { createOstiary } from "ostiary";
import { keepOstiary } from "ostiary/next";

export const issuer = process.env.OSTIARY_ISSUER ?? "http://localhost:3000/auth";

export const ostiary = keepOstiary(() => createOstiary({ issuer }));
