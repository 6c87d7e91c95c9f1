/** Bundles the islands and the theme into web/static/built/, with a manifest from logical names to files. Knows no page. */

import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const HERE = dirname(fileURLToPath(import.meta.url));
const BUILT = join(HERE, "..", "static", "built");
const resolve = createRequire(import.meta.url).resolve;

const BUNDLES = [
  { in: "forms/forms.ts", out: "forms" },
  { in: "viewer/viewer.ts", out: "viewer" },
  { in: "history/history.ts", out: "history" },
  { in: "designer/designer.ts", out: "designer" },
  { in: "theme/site.css", out: "theme" },
  { in: "diagram/diagram.css", out: "diagram" },
  { in: "designer/designer.css", out: "designer" },
];

// Finished files of others: bundling them again would hide the names they put on window.
const COPIES = {
  "bootstrap.css": "bootstrap/dist/css/bootstrap.min.css",
  "bootstrap.js": "bootstrap/dist/js/bootstrap.bundle.min.js",
  "htmx.js": "htmx.org/dist/htmx.min.js",
};

const FONTS = Object.fromEntries([".eot", ".svg", ".ttf", ".woff", ".woff2"].map((kind) => [kind, "file"]));

await mkdir(BUILT, { recursive: true });
const manifest = { ...(await bundle()), ...(await copy()) };
await writeFile(join(BUILT, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
await removeAllBut(["manifest.json", ...Object.values(manifest)]);

async function bundle() {
  const { metafile } = await build({
    absWorkingDir: HERE,
    entryPoints: BUNDLES,
    entryNames: "[name]-[hash]",
    assetNames: "[name]-[hash]",
    outdir: BUILT,
    bundle: true,
    minify: true,
    format: "iife",
    target: "es2018", // domestic browsers on older Chromium
    jsx: "automatic",
    jsxImportSource: "@bpmn-io/properties-panel/preact",
    charset: "utf8",
    loader: FONTS,
    metafile: true,
    logLevel: "warning",
  });
  const files = Object.keys(metafile.outputs).map((path) => basename(path)).sort();
  return Object.fromEntries(files.map((file) => [file.replace(/-[A-Z0-9]{8}(?=\.)/, ""), file]));
}

async function copy() {
  const copied = await Promise.all(Object.entries(COPIES).map(([name, source]) => copyOne(name, resolve(source))));
  return Object.fromEntries(copied);
}

async function copyOne(name, source) {
  const text = (await readFile(source, "utf8")).replace(/\/[/*]# sourceMappingURL=.*$/m, "");
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 8).toUpperCase();
  const file = `${basename(name, extname(name))}-${hash}${extname(name)}`;
  await writeFile(join(BUILT, file), text);
  return [name, file];
}

/** Older builds go last, so that a page being loaded meanwhile still finds its files. */
async function removeAllBut(kept) {
  const old = (await readdir(BUILT)).filter((file) => !kept.includes(file));
  await Promise.all(old.map((file) => rm(join(BUILT, file), { recursive: true })));
}
