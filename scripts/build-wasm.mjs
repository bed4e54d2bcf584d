// Builds rust-core/pkg from source and writes its manifest: the one way to rebuild it (`npm run build:wasm`).
import { printFailure, Steps } from './support/steps.mjs';
import { buildWasm } from './support/wasm.mjs';

try {
  await buildWasm(new Steps(process.stdout));
} catch (error) {
  printFailure(error);
  process.exitCode = 1;
}
