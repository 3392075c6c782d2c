// Bundles the page with the packages of Grafana, which a Grafana would have loaded already. The
// page is for tests: the zip does not have it.
import { build } from 'esbuild';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));

/**
 * Grafana's packages import the default of these CommonJS modules as its own build reads it. In a
 * file .mjs, esbuild takes the whole module for the default, as Node does: a file between them helps.
 */
const defaults = {
  name: 'defaults',
  setup(build) {
    build.onResolve({ filter: /^(react-custom-scrollbars-2|react-highlight-words)$/ }, async (args) => {
      if (args.pluginData === 'between' || !args.importer.endsWith('.mjs')) {
        return undefined;
      }
      return { path: args.path, namespace: 'between', pluginData: { resolveDir: args.resolveDir } };
    });
    build.onLoad({ filter: /.*/, namespace: 'between' }, ({ path, pluginData }) => ({
      contents: `export * from '${path}'; export { default } from '${path}';`,
      resolveDir: pluginData.resolveDir,
      pluginData: 'between',
    }));
  },
};

await build({
  entryPoints: { page: join(here, 'page.tsx') },
  outdir: process.argv[2],
  bundle: true,
  minify: true,
  logLevel: 'error',
  loader: { '.ttf': 'empty' }, // icons of the code editor
  plugins: [defaults],
  define: { 'process.env.NODE_ENV': '"production"', global: 'globalThis', 'process.env': '{}' },
});
