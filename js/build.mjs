/**
 * Bundles the front end into the Python package; with --watch, the widget at each change. Whoever
 * passes a bundle on passes on the licence of what it holds of others: it stands in front.
 */

import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { context } from "esbuild";

/** Of a package that is bundled. */
async function notice(folder) {
  const { name, version } = JSON.parse(await readFile(`${folder}/package.json`, "utf8"));
  const file = (await readdir(folder)).find((each) => /^(licen[cs]e|copying)/i.test(each));
  if (!file) throw new Error(`${name} is bundled and has no licence in ${folder}`);
  const licence = (await readFile(`${folder}/${file}`, "utf8")).trim();
  const text = `attention-widget contains ${name} ${version}, under this licence:\n\n${licence}`;
  if (/\*\/|[^\n\x20-\x7e]/.test(text)) throw new Error(`the licence of ${name} fits no comment`);
  return `/*!\n${text}\n*/\n`;
}

async function write({ metafile, outputFiles }) {
  const inputs = Object.keys(metafile.inputs);
  const folders = inputs.flatMap((path) => path.match(/^.*node_modules\/(?:@[^/]+\/)?[^/]+/) ?? []);
  const notices = (await Promise.all([...new Set(folders)].sort().map(notice))).join("");
  for (const { path, text } of outputFiles) {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, path.endsWith(".js") ? notices + text : text);
  }
}

const writing = {
  name: "write",
  setup: (build) => build.onEnd((result) => (result.errors.length ? undefined : write(result))),
};

const bundle = (entryPoints, options) =>
  context({
    entryPoints,
    bundle: true,
    minify: true,
    target: "es2022",
    logLevel: "warning",
    outdir: "src/attention_widget/static",
    metafile: true,
    write: false,
    plugins: [writing],
    ...options,
  });

const js = (...names) => names.map((name) => ({ in: `js/${name}.ts`, out: name }));
// A page is ASCII, so that it can be written in any encoding; the widget travels in JSON.
const bundles = await Promise.all([
  bundle(js("widget"), { format: "esm", charset: "utf8" }),
  bundle([{ in: "js/styles.css", out: "widget" }], { charset: "ascii" }),
  bundle(js("export", "loader"), { format: "iife", charset: "ascii" }),
]);
if (process.argv.includes("--watch")) {
  await Promise.all(bundles.slice(0, 2).map((each) => each.watch()));
} else {
  await Promise.all(bundles.map((each) => each.rebuild()));
  await Promise.all(bundles.map((each) => each.dispose()));
}
