/** Builds the service worker of `/audit` as one script, after the page whose files it keeps. */

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';

import { defineConfig } from 'vite';

const DIST = '../server/web/dist';
const PAGE = 'audit.html';
const OWN_FILES = readdirSync('public/audit').map((name) => `audit/${name}`);

interface Chunk {
  file: string;
  css?: string[];
  assets?: string[];
  imports?: string[];
  dynamicImports?: string[];
}

/** Every file that the page may ask for, languages and the small map included. */
function filesOf(chunks: Record<string, Chunk>, name: string, seen = new Set<string>()): Set<string> {
  const chunk = chunks[name];
  if (!chunk || seen.has(name)) return new Set();
  seen.add(name);
  const further = [...chunk.imports ?? [], ...chunk.dynamicImports ?? []];
  return new Set([
    chunk.file, ...chunk.css ?? [], ...chunk.assets ?? [], ...further.flatMap((one) => [...filesOf(chunks, one, seen)]),
  ]);
}

function precache(): { version: string; files: string[] } {
  const chunks = JSON.parse(readFileSync(`${DIST}/manifest.json`, 'utf8')) as Record<string, Chunk>;
  const files = [...filesOf(chunks, PAGE), ...OWN_FILES].sort();
  const hash = createHash('sha256').update(readFileSync(`${DIST}/${PAGE}`));
  for (const file of files) hash.update(file).update(readFileSync(`${DIST}/${file}`));
  return { version: hash.digest('hex').slice(0, 12), files: files.map((file) => `/${file}`) };
}

export default defineConfig({
  publicDir: false,
  define: { PRECACHE: JSON.stringify(precache()) },
  build: {
    outDir: `${DIST}/audit`,
    emptyOutDir: false,
    // A classic script in one piece: not every browser takes modules as service workers.
    rolldownOptions: { input: 'src/audit/worker.ts', output: { format: 'iife', entryFileNames: 'worker.js' } },
  },
});
