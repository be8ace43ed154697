import { readdirSync, readFileSync } from "node:fs";

// Vite rewrites `new URL(…, import.meta.url)`, and vitest empties what is imported as a style sheet.
export const root = decodeURIComponent(import.meta.url.replace(/^file:\/\/|tests\/js\/.*$/g, ""));

/** A file of the front end. */
export const read = (path: string) => readFileSync(`${root}js/${path}`, "utf8");
const paths = readdirSync(`${root}js`, { recursive: true }).sort();
const matching = (pattern: string) =>
  paths.filter((path) => new RegExp(`^${pattern.replace("*", "[^/]+")}$`).test(path));

/** All style sheets, as styles.css imports them. */
export const styles = read("styles.css").replace(/@import "[.]\/(.+?)";/g, (_, pattern: string) =>
  matching(pattern).map(read).join("\n"),
);
