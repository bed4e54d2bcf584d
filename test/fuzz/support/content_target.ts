// One input of the content codec and what must hold of it: nothing but a ContentError is thrown, in bounded time; what
// is accepted is accepted by the re-check too and written back byte for byte; what is refused breaks the rule that the
// re-check names.

import {
  ContentError,
  type DecodeOptions,
  decodeContent,
  decodeRelaxed,
  encodeContent,
  type MimiContent,
} from '../../../ts/content/index.ts';
import { recheckContent } from '../../support/content_recheck.ts';
import { bytesOf } from './cbor_node.ts';
import { someMessage, someOptions } from './content_grammar.ts';
import { breakMessage } from './content_mutations.ts';
import { mutant } from './mutate.ts';
import { streamOf } from './stream.ts';

export interface Sample {
  readonly bytes: Uint8Array;
  readonly options: DecodeOptions;
  /** Whether it was made to be accepted. */
  readonly isValid: boolean;
}

export interface Outcome {
  /** `accepted`, or the rule. */
  readonly verdict: string;
  readonly finding?: string;
}

/** More than the largest input takes, many times over, on a busy machine; a hang is seen from outside. */
const mostMs = 2_000;

/** The sample of this number in the run of a seed. */
export function sampleOf(seed: number, index: number): Sample {
  const random = streamOf(seed, index);
  const grammar = someOptions(random);
  const message = someMessage(random, grammar);
  const kind = random.between(0, 9);
  if (kind === 0) return { bytes: bytesOf(message), options: grammar, isValid: true };
  if (kind < 8) breakMessage(random, message);
  let bytes = bytesOf(message);
  if (kind >= 7) bytes = mutant(random, [bytes, bytesOf(someMessage(random, grammar))]);
  if (random.oneIn(40)) bytes = Buffer.concat([bytes, bytes.subarray(0, random.between(1, 3))]);
  const maxBytes = Math.max(0, bytes.length + random.between(-1, 1));
  const options = random.oneIn(50) ? { ...grammar, maxBytes } : grammar;
  return { bytes: new Uint8Array(bytes), options, isValid: false };
}

/** What the codec makes of a sample, and whether that is as it must be. */
export function judge({ bytes, options, isValid }: Sample): Outcome {
  const begun = performance.now();
  const decoded = attempt(() => decodeContent(bytes, options));
  const millis = performance.now() - begun;
  if (decoded instanceof Thrown) return { verdict: 'thrown', finding: decoded.message };

  const verdict = decoded instanceof ContentError ? String(decoded.details.rule) : 'accepted';
  const second = recheckContent(bytes, options);
  const expected = second.ok ? 'accepted' : second.rule;
  const finding =
    (millis > mostMs ? `took ${Math.round(millis)} ms` : undefined) ??
    (verdict === expected ? undefined : `${verdict}, but by the re-check ${expected}`) ??
    (isValid && verdict !== 'accepted' ? `made to be accepted, but ${verdict}` : undefined) ??
    (decoded instanceof ContentError
      ? placeFinding(decoded, bytes)
      : writingFinding(decoded, bytes)) ??
    relaxedFinding(bytes, options, verdict);
  return finding === undefined ? { verdict } : { verdict, finding };
}

/** Something else than a ContentError. */
class Thrown {
  readonly message: string;

  constructor(error: unknown) {
    this.message = `threw ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
  }
}

function attempt<Result>(work: () => Result): Result | ContentError | Thrown {
  try {
    return work();
  } catch (error) {
    return error instanceof ContentError ? error : new Thrown(error);
  }
}

function placeFinding({ details }: ContentError, bytes: Uint8Array): string | undefined {
  const { offset = -1, path } = details;
  if (offset < 0 || offset > bytes.length) return `the fault is at ${offset} of ${bytes.length}`;
  return path === undefined ? 'the fault has no path' : undefined;
}

function writingFinding(content: MimiContent, bytes: Uint8Array): string | undefined {
  const written = attempt(() => encodeContent(content));
  if (written instanceof Thrown || written instanceof ContentError) {
    return `cannot be written: ${written.message}`;
  }
  if (Buffer.compare(written, bytes) === 0) return undefined;
  return `written as ${Buffer.from(written).toString('hex')}`;
}

/** In draft04 rooms with foreign senders only rule C2 is relaxed. */
function relaxedFinding(
  bytes: Uint8Array,
  options: DecodeOptions,
  verdict: string,
): string | undefined {
  if (options.profile !== 'draft04') return undefined;
  const relaxed = attempt(() => decodeRelaxed(bytes, options));
  if (relaxed instanceof Thrown) return `relaxed, ${relaxed.message}`;
  const refused = relaxed instanceof ContentError;
  if (verdict === 'accepted' && refused) return `relaxed, refused: ${relaxed.message}`;
  if (verdict !== 'accepted' && verdict !== 'C2' && !refused) return `relaxed, accepted`;
  return undefined;
}
