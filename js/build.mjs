/**
 * Bundles the front end into the Python package; with --watch, the widget at each change. Whoever
 * passes a bundle on passes on the licence of what it holds of others: it stands in front.
 */

import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
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

// A star in an `@import` stands for every folder: the style of every view.
const everyView = {
  name: "every view",
  setup(build) {
    build.onResolve({ filter: /[*]/ }, ({ path, resolveDir }) => ({
      path,
      namespace: "every",
      pluginData: resolveDir,
    }));
    build.onLoad({ filter: /./, namespace: "every" }, async ({ path, pluginData: resolveDir }) => {
      const [before, after] = path.split("*");
      const entries = await readdir(join(resolveDir, before), { withFileTypes: true });
      const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
      const imports = folders.sort().map((name) => `@import "${before}${name}${after}";`);
      return { contents: imports.join("\n"), loader: "css", resolveDir };
    });
  },
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
    plugins: [everyView, writing],
    ...options,
  });

const js = (...names) => names.map((name) => ({ in: `js/${name}.ts`, out: name }));
// A page is ASCII, so that it can be written in any encoding; the widget travels in JSON.
const bundles = await Promise.all([
  bundle(js("widget"), { format: "esm", charset: "utf8" }),
  bundle([{ in: "js/styles.css", out: "widget" }], { charset: "ascii" }),
  bundle(js("export", "loader", "matrix"), { format: "iife", charset: "ascii" }),
]);
if (process.argv.includes("--watch")) {
  await Promise.all(bundles.slice(0, 2).map((each) => each.watch()));
} else {
  await Promise.all(bundles.map((each) => each.rebuild()));
  await Promise.all(bundles.map((each) => each.dispose()));
}
