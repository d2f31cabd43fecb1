import { toNext } from "ostiary/next";
import { ostiary } from "../../../lib/ostiary";

export const { GET, POST, PATCH, DELETE, OPTIONS } = toNext(ostiary);
