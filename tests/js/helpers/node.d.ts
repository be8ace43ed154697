/** The little of Node that the tests need; the front end itself must do without. */

declare module "node:events" {
  export function setMaxListeners(count: number): void;
}

declare module "node:fs" {
  export function readFileSync(path: string, encoding: "utf8"): string;
  export function readdirSync(path: string, options: { recursive: true }): string[];
}
