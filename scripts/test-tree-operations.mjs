// The MLS working group's tree operations through the boundary of a WASM core that is built with the feature `vectors`:
// the published one has no function for a proposal without a commit. Names a failing entry and exits 1.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './support/project.mjs';
import { printFailure, StepError, Steps } from './support/steps.mjs';
import { buildForVectors } from './support/wasm.mjs';

const folder = process.env.EXEDRA_MLS_VECTORS ?? join(root, 'test', 'vectors', 'mls');

/** @param {string} text */
const hex = (text) => Uint8Array.from(Buffer.from(text, 'hex'));

/** The byte strings of an answer, each behind its length in four bytes, as rust-core/src/reply.rs writes them.
 * @param {Uint8Array} answer */
function parts(answer) {
  const buffer = Buffer.from(answer);
  /** @type {string[]} */
  const found = [];
  for (let at = 0; at < buffer.length; ) {
    const end = at + 4 + buffer.readUInt32LE(at);
    found.push(buffer.subarray(at + 4, end).toString('hex'));
    at = end;
  }
  return found;
}

/**
 * @typedef {{cipher_suite: number, proposal_sender: number} & Record<
 *   'tree_before' | 'proposal' | 'tree_after' | 'tree_hash_before' | 'tree_hash_after', string>} Vector
 */

/** @param {(suite: number, tree: Uint8Array, proposal: Uint8Array, sender: number) => Uint8Array} treeAfterProposal
 * @param {Vector} vector */
function check(treeAfterProposal, vector) {
  const answer = treeAfterProposal(
    vector.cipher_suite,
    hex(vector.tree_before),
    hex(vector.proposal),
    vector.proposal_sender,
  );
  const [hashBefore, treeAfter, hashAfter] = parts(answer);
  if (hashBefore !== vector.tree_hash_before) return 'the tree hash before differs';
  if (treeAfter !== vector.tree_after) return 'the tree after differs';
  if (hashAfter !== vector.tree_hash_after) return 'the tree hash after differs';
  return undefined;
}

try {
  const steps = new Steps(process.stdout);
  const built = await buildForVectors(steps);
  await steps.run('tree operations', async () => {
    const glue = await import(pathToFileURL(join(built, 'exedra_core.js')).href);
    glue.initSync({ module: readFileSync(join(built, 'exedra_core_bg.wasm')) });
    /** @type {Vector[]} */
    const all = JSON.parse(readFileSync(join(folder, 'tree-operations.json'), 'utf8'));
    const vectors = all.filter(({ cipher_suite }) => cipher_suite <= 3);
    if (vectors.length === 0) throw new StepError('There are no vectors for our cipher suites.');
    const faults = vectors.flatMap((vector, at) => {
      const fault = check(glue.treeAfterProposal, vector);
      return fault === undefined ? [] : [`entry ${at}: ${fault}`];
    });
    if (faults.length > 0) throw new StepError(faults.join('\n'));
    return `${vectors.length} vectors`;
  });
} catch (error) {
  printFailure(error);
  process.exitCode = 1;
}
