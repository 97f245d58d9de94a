// SPDX-License-Identifier: Apache-2.0
// run_onnx.mjs PACKAGE JOBS: runs each job of the file JOBS, a list of {model, type, inputs: {NAME: {shape, file}}, outputs},
// and writes each result's numbers to OUTPUTS/NAME, its shape to OUTPUTS/NAME.shape.
import fs from 'fs';
import { createRequire } from 'module';

const [folder, jobs] = process.argv.slice(2);
const ort = createRequire(import.meta.url)(folder);
const lists = { float32: Float32Array, float64: Float64Array };

for (const job of JSON.parse(fs.readFileSync(jobs))) {
  const session = await ort.InferenceSession.create(fs.readFileSync(job.model));
  const feeds = {};
  for (const [name, { shape, file }] of Object.entries(job.inputs)) {
    const bytes = fs.readFileSync(file);
    feeds[name] = new ort.Tensor(job.type, new lists[job.type](new Uint8Array(bytes).buffer), shape);
  }
  for (const [name, value] of Object.entries(await session.run(feeds))) {
    fs.writeFileSync(`${job.outputs}/${name}`, Buffer.from(value.data.buffer, value.data.byteOffset, value.data.byteLength));
    fs.writeFileSync(`${job.outputs}/${name}.shape`, value.dims.join(' '));
  }
}
process.exit(0);
