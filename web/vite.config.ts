import { defineConfig } from 'vite';

export default defineConfig({
  build: {
    outDir: '../server/web/dist',
    emptyOutDir: true,
    // Which file needs which others: vite.worker.config.ts reads it.
    manifest: 'manifest.json',
    rolldownOptions: { input: ['index.html', 'audit.html', 'plan.html', 'programme.html'] },
    // Every browser the page is for loads modules by itself; the polyfill would be dead weight.
    modulePreload: { polyfill: false },
    // One rule for every asset: a file of our own origin, nothing inlined as data.
    assetsInlineLimit: 0,
    // The map engine is one chunk, loaded after the words are on the screen.
    chunkSizeWarningLimit: 1500,
  },
  worker: { format: 'es' },
  // `npm run dev` beside a running server: the page from its sources, the data from the server.
  server: { proxy: { '/api': 'http://127.0.0.1:8080' } },
});
