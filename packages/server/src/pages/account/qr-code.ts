import { encode } from "uqr";
import { html } from "../html.ts";
import type { Html } from "../html.ts";

/** Modules of white around it (ISO/IEC 18004 §6.3.8). */
const QUIET_ZONE = 4;

/** A QR code as a picture of one path: black on white in every scheme, as scanners want it. */
export function qrCode(text: string, label: string): Html {
  const { data, size } = encode(text, { ecc: "M", border: 0 });
  const side = size + 2 * QUIET_ZONE;
  const path = data.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [`M${x + QUIET_ZONE} ${y + QUIET_ZONE}h1v1h-1z`] : []))).join("");
  return html`<svg class="qr" role="img" aria-label="${label}" viewBox="0 0 ${side} ${side}" width="208" height="208" shape-rendering="crispEdges">
<rect width="${side}" height="${side}" fill="#fff"/><path d="${path}" fill="#000"/>
</svg>`;
}
