/** The API reference: the server's OpenAPI document, for people. */
import { createRoot } from "react-dom/client";
import { Reference } from "./reference/reference.tsx";
import "./style/style.css";

const issuer = new URL("..", document.baseURI).href.replace(/\/+$/, "");
const root = document.getElementById("root");
if (root !== null) createRoot(root).render(<Reference issuer={issuer} />);
