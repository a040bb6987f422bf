// Builds static/build/: our own scripts and style sheets bundled, a few packages' files copied,
// and the base map cut from world-atlas. Every name holds a hash of the content; manifest.json maps
// `room/file` to it. Run by `make setup`, never in production.
import { createHash } from "node:crypto";
import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, dirname, extname, join, relative } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { feature, mesh } from "topojson-client";

const OUT = "static/build";
const ENTRY = /^(?!build\/)[^/]+\/(main-[^/]+\.js|[^/]+\.css)$/;
const COPIED = {
  "vendor/leaflet.js": "node_modules/leaflet/dist/leaflet.js",
  "vendor/leaflet.css": "node_modules/leaflet/dist/leaflet.css",
  "vendor/axe.js": "node_modules/axe-core/axe.min.js",
};

/** Bundle every `static/ROOM/main-*.js` and `static/ROOM/*.css`; return name -> path below OUT. */
async function bundle() {
  const files = await readdir("static", { recursive: true });
  const entryPoints = files.filter((path) => ENTRY.test(path)).map((path) => join("static", path));
  if (entryPoints.length === 0) return {};
  const { metafile } = await build({
    entryPoints: entryPoints.sort(),
    outbase: "static",
    outdir: OUT,
    entryNames: "[dir]/[name]-[hash]",
    chunkNames: "chunks/[name]-[hash]",
    assetNames: "media/[name]-[hash]",
    bundle: true,
    splitting: true,
    format: "esm",
    target: ["es2022"],
    minify: true,
    metafile: true,
    legalComments: "eof",
    logLevel: "warning",
    loader: { ".woff2": "file", ".woff": "file", ".png": "file", ".svg": "file" },
  });
  const named = {};
  for (const [path, output] of Object.entries(metafile.outputs)) {
    if (output.entryPoint?.startsWith("static/")) named[relative("static", output.entryPoint)] = relative(OUT, path);
  }
  return named;
}

/** Write `content` under a hashed name; return its path below OUT. */
async function writeHashed(name, content) {
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 8).toUpperCase();
  const suffix = extname(name);
  const path = join(dirname(name), `${basename(name, suffix)}-${hash}${suffix}`);
  await mkdir(join(OUT, dirname(name)), { recursive: true });
  await writeFile(join(OUT, path), content);
  return path;
}

/** Land and borders of Natural Earth 1:50m (public domain), thinned to 0.05 degree. Borders are dated. */
async function world() {
  const topology = JSON.parse(await readFile("node_modules/world-atlas/countries-50m.json"));
  const { countries, land } = topology.objects;
  const features = [
    { ...feature(topology, land).features[0], properties: { kind: "land" } },
    { type: "Feature", properties: { kind: "border" }, geometry: mesh(topology, countries, (a, b) => a !== b) },
  ];
  for (const { geometry } of features) geometry.coordinates = rounded(geometry.coordinates);
  return JSON.stringify({ type: "FeatureCollection", features });
}

/** Round nested coordinates to 0.01 degree and thin out points closer than 0.05 to the one kept before. */
function rounded(coordinates) {
  if (typeof coordinates[0] === "number") return coordinates.map((value) => Math.round(value * 100) / 100);
  const nested = coordinates.map(rounded);
  if (typeof nested[0][0] !== "number" || nested.length < 20) return nested;
  let kept = nested[0];
  return nested.filter((point, i) => {
    const near = Math.max(Math.abs(point[0] - kept[0]), Math.abs(point[1] - kept[1])) < 0.05;
    if (near && i > 0 && i < nested.length - 1) return false;
    kept = point;
    return true;
  });
}

/** Lay a packed twin beside every text, for links on which each kilobyte counts. */
async function pack() {
  for (const path of await readdir(OUT, { recursive: true })) {
    if (!/\.(js|css|json|svg)$/.test(path) || path === "manifest.json") continue;
    await writeFile(join(OUT, `${path}.gz`), gzipSync(await readFile(join(OUT, path)), { level: 9 }));
  }
}

await rm(OUT, { recursive: true, force: true });
await mkdir(OUT, { recursive: true });
const manifest = await bundle();
for (const [name, path] of Object.entries(COPIED)) manifest[name] = await writeHashed(name, await readFile(path));
// leaflet.css names its images by relative path, and Leaflet finds its markers by that name.
await cp("node_modules/leaflet/dist/images", join(OUT, "vendor/images"), { recursive: true });
manifest["vendor/world-land.json"] = await writeHashed("vendor/world-land.json", await world());
await pack();
await writeFile(join(OUT, "manifest.json"), JSON.stringify(manifest, null, 1));
console.log(`${Object.keys(manifest).length} assets in ${OUT}`);
