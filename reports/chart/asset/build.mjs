// Builds echarts.min.js from the pinned packages, checks it against echarts.sha256 and puts the
// licences of what it contains beside it. `node build.mjs --record` writes the checksum instead:
// run it after changing the entry or a pin, and commit the new checksum with the change.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const at = (...parts) => join(here, ...parts);
const version = JSON.parse(readFileSync(at('node_modules/echarts/package.json'), 'utf8')).version;

const { outputFiles } = await build({
  entryPoints: [at('echarts.entry.mjs')],
  absWorkingDir: here,
  bundle: true,
  minify: true,
  write: false,
  format: 'iife',
  globalName: 'echarts',
  target: ['es2019'],
  charset: 'ascii',
  legalComments: 'none', // the licences are written beside the file and shown in the footer of each page
  define: { 'process.env.NODE_ENV': '"production"' },
  banner: { js: `/*! Apache ECharts ${version}, Apache-2.0. */` },
});

// The file stands inside a <script> element of every page: nothing in it may end that element.
const text = outputFiles[0].text.replaceAll(/<\/(script)/gi, '<\\/$1').replaceAll('<!--', '<\\!--');
const sum = createHash('sha256').update(text).digest('hex');
const sumFile = at('echarts.sha256');
if (process.argv.includes('--record')) {
  writeFileSync(sumFile, `${sum}  echarts.min.js\n`);
} else {
  const want = readFileSync(sumFile, 'utf8').split(/\s/)[0];
  if (sum !== want) {
    console.error(`echarts.min.js has sha256 ${sum}, want ${want}: the packages or the entry changed; ` +
      'look at the difference, then run node build.mjs --record');
    process.exit(1);
  }
}
writeFileSync(at('echarts.min.js'), text);

const licences = [['Apache ECharts', 'echarts'], ['ZRender', 'zrender'], ['tslib', 'tslib']];
const read = (pkg) => {
  for (const name of ['LICENSE', 'LICENSE.txt']) {
    try {
      return readFileSync(at('node_modules', pkg, name), 'utf8').trim();
    } catch (err) {
      if (err.code !== 'ENOENT') throw err;
    }
  }
  throw new Error(`package ${pkg} carries no licence file`);
};
writeFileSync(at('ECHARTS-LICENSE'),
  licences.map(([name, pkg]) => `${name}\n${'='.repeat(name.length)}\n\n${read(pkg)}\n`).join('\n\n'));
writeFileSync(at('ECHARTS-NOTICE'), readFileSync(at('node_modules/echarts/NOTICE'), 'utf8'));
console.log(`echarts.min.js ${version}: ${text.length} bytes, sha256 ${sum}`);
