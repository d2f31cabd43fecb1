import type { Theme } from "vitepress";
import DefaultTheme from "vitepress/theme";
import Diagram from "./diagram.vue";
import Layout from "./layout.vue";
import "./style.css";

export default {
  extends: DefaultTheme,
  Layout,
  enhanceApp({ app }) {
    app.component("Diagram", Diagram);
  },
} satisfies Theme;
