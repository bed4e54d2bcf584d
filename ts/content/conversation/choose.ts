// Which parts of a message a receiver processes: draft-ietf-mimi-content, "Message Bodies". chooseOne by its own
// preferences, singleUnit all or nothing, processAll as many as it can; what another part has used is not used again.

import type { ExternalPart, MultiPart, NestedPart, SinglePart } from '../model.ts';

export interface Preferences {
  /** How gladly a part is processed; 0 or less: not at all. Higher is better. */
  readonly rank: (part: SinglePart | ExternalPart) => number;
  /** Languages of the user, the best first, as tags of BCP 47. */
  readonly languages?: readonly string[] | undefined;
}

/** A part to process, with the parts that it refers to as `cid:N@local.invalid`. */
export interface ChosenPart {
  readonly part: SinglePart | ExternalPart;
  readonly uses: readonly (SinglePart | ExternalPart)[];
}

/** The parts to process, in their order; none where the message cannot be processed. */
export function chooseParts(body: NestedPart, preferences: Preferences): ChosenPart[] {
  const remaining = choose(body, preferences)?.parts ?? [];
  const byIndex = new Map(remaining.map((part) => [part.index, part]));
  const used = new Set<number>();
  return remaining.flatMap((part) => {
    if (used.has(part.index)) return [];
    const uses = referencesOf(part).flatMap((index) => byIndex.get(index) ?? []);
    for (const { index } of uses) used.add(index);
    return [{ part, uses }];
  });
}

/** What is left of a part, and how glad the receiver is of it. */
interface Choice {
  readonly parts: readonly (SinglePart | ExternalPart)[];
  /** How well it fits the user's languages. */
  readonly language: number;
  /** Of its parts, the highest first; none for a null part. */
  readonly ranks: readonly number[];
}

/** Undefined where it cannot be processed. */
function choose(part: NestedPart, preferences: Preferences): Choice | undefined {
  if (part.kind === 'multi') return chooseAmong(part, preferences);
  const language = languageScore(part.language, preferences);
  if (part.kind === 'null') return { parts: [], language, ranks: [] };
  const rank = preferences.rank(part);
  return rank > 0 ? { parts: [part], language, ranks: [rank] } : undefined;
}

function chooseAmong(part: MultiPart, preferences: Preferences): Choice | undefined {
  const possible = part.parts.flatMap((nested) => choose(nested, preferences) ?? []);
  const chosen =
    part.semantics === 'chooseOne' ? possible.sort(compareChoices).slice(0, 1) : possible;
  const isBroken = part.semantics === 'singleUnit' && possible.length < part.parts.length;
  if (isBroken || chosen.length === 0) return undefined;
  return {
    parts: chosen.flatMap(({ parts }) => parts),
    language:
      part.language === ''
        ? Math.max(...chosen.map(({ language }) => language))
        : languageScore(part.language, preferences),
    ranks: chosen.flatMap(({ ranks }) => ranks).sort((left, right) => right - left),
  };
}

/** The better one first: something before nothing, then by language, then by rank; else in the sender's order. */
function compareChoices(left: Choice, right: Choice): number {
  const [isLeft, isRight] = [left.ranks.length > 0, right.ranks.length > 0];
  if (isLeft !== isRight) return isLeft ? -1 : 1;
  return right.language - left.language || compareRanks(left.ranks, right.ranks);
}

/** Where the best are the same the next best count, and more are better than fewer. */
function compareRanks(left: readonly number[], right: readonly number[]): number {
  const differs = left.findIndex((rank, index) => rank !== right[index]);
  if (differs < 0) return right.length - left.length;
  return (right[differs] ?? 0) - (left[differs] as number);
}

/** How early among the user's languages one of a part's tags stands; a part of no language is between those and others. */
function languageScore(tags: string, { languages = [] }: Preferences): number {
  if (tags === '') return 0.5;
  const places = tags.split(',').flatMap((tag) => {
    const place = languages.findIndex((wanted) => matches(tag.trim(), wanted));
    return place < 0 ? [] : [place];
  });
  return places.length === 0 ? 0 : 1 + languages.length - Math.min(...places);
}

/** Basic filtering of RFC 4647, section 3.3.1, both ways: `en` and `en-GB` serve each other. */
function matches(tag: string, wanted: string): boolean {
  const [left, right] = [tag.toLowerCase(), wanted.toLowerCase()];
  return left === right || left.startsWith(`${right}-`) || right.startsWith(`${left}-`);
}

const utf8 = new TextDecoder();
// The examples of draft04 write it without a domain.
const reference = /\bcid:(\d{1,5})(?:@local\.invalid)?(?![\w@.-])/gi;

/** Indices that a textual part refers to, each once. */
function referencesOf(part: SinglePart | ExternalPart): number[] {
  if (part.kind !== 'single' || !/^(text\/|application\/(xhtml|.*xml))/i.test(part.contentType)) {
    return [];
  }
  const found = [...utf8.decode(part.content).matchAll(reference)].map((match) => Number(match[1]));
  return [...new Set(found)].filter((index) => index !== part.index);
}
