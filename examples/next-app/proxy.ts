export { proxy } from "./lib/auth";

export const config = { matcher: ["/dashboard/:path*", "/admin/:path*", "/api/:path*"] };
