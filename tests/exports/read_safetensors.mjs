// SPDX-License-Identifier: Apache-2.0
// read_safetensors.mjs PACKAGE FILE: what @huggingface/hub finds in the header of a file, as JSON. It reads files from a
// server, and gets this one by a `fetch` that answers from the disk.
import fs from 'fs';
import { createRequire } from 'module';

const [folder, path] = process.argv.slice(2);
const { parseSafetensorsMetadata } = createRequire(import.meta.url)(folder);
const bytes = fs.readFileSync(path);

async function fromDisk(url, init) {
  if (String(url).endsWith('index.json')) return new Response('', { status: 404 });
  const range = /bytes=(\d+)-(\d+)/.exec(new Headers(init?.headers).get('range') ?? '');
  const first = range ? Number(range[1]) : 0;
  const last = range ? Math.min(Number(range[2]), bytes.length - 1) : bytes.length - 1;
  const headers = {
    'content-length': String(last - first + 1),
    'content-range': `bytes ${first}-${last}/${bytes.length}`,
    etag: '"one"',
    'x-linked-etag': '"one"',
    'x-linked-size': String(bytes.length),
  };
  return new Response(bytes.subarray(first, last + 1), { status: range ? 206 : 200, headers });
}

const answer = await parseSafetensorsMetadata({
  repo: 'local/model', path: 'model.safetensors', fetch: fromDisk, computeParametersCount: true,
});
console.log(JSON.stringify(answer));
