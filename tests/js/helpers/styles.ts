import { readFileSync } from "node:fs";

// Vite rewrites `new URL(…, import.meta.url)`, and vitest empties what is imported as a style sheet.
export const root = decodeURIComponent(import.meta.url.replace(/^file:\/\/|tests\/js\/.*$/g, ""));

/** All style sheets, as styles.css imports them. */
export const styles = readFileSync(`${root}js/styles.css`, "utf8").replace(
  /@import "[.]\/(.+?)";/g,
  (_, path: string) => readFileSync(`${root}js/${path}`, "utf8"),
);
