/** The same inspector in one file, which reaches nothing: keys are pasted as well. */
import { createRoot } from "react-dom/client";
import { Inspector } from "./inspector/inspector.tsx";
import "./style/style.css";

const root = document.getElementById("root");
if (root !== null) createRoot(root).render(<Inspector issuer={null} keys={null} />);
