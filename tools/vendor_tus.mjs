// Writes components/uploader/vendor/tus.js: tus-js-client's own browser build as an ES module, so
// that DATAG runs without npm. Run `node tools/vendor_tus.mjs` after a change of its version.

import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = new URL('../', import.meta.url);
const TARGET = new URL('components/uploader/vendor/tus.js', ROOT);
/** What the browser build holds beside the client itself. */
const INSIDE = ['js-base64', 'url-parse', 'querystringify', 'requires-port'];

/** @param {string} path below node_modules */
function installed(path) {
  return readFileSync(new URL(`node_modules/${path}`, ROOT), 'utf8').replaceAll('\r\n', '\n');
}

/** @param {string} name of a package */
function licence(name) {
  const file = name === 'js-base64' ? 'LICENSE.md' : 'LICENSE';
  const { version } = JSON.parse(installed(`${name}/package.json`));
  const text = installed(`${name}/${file}`).trim().replaceAll('*/', '* /');
  return `${name} ${version}\n\n${text}`;
}

/** The vendored file's text. */
export function vendored() {
  const build = installed('tus-js-client/dist/tus.min.js')
    .replace(/\n?\/\/# sourceMappingURL=\S+\s*$/, '').trim();
  const licences = ['tus-js-client', ...INSIDE].map(licence).join('\n\n---\n\n');
  return [
    '// @ts-nocheck Written by tools/vendor_tus.mjs; not to be edited.',
    `/*!\n${licences}\n*/`,
    'const module = { exports: {} };',
    'const { exports } = module;',
    build,
    'export const { DetailedError, Upload, isSupported } = module.exports;',
    '',
  ].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(TARGET, vendored());
