// Text of others for a terminal: what would move the cursor, turn the line round or not be seen at all is escaped as JSON
// does it, so that a quoted text stays one.

const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Cn}]/gu;

/** One line, or part of one. */
export function printable(text: string): string {
  return text.replace(unseen, (character) =>
    Array.from(
      { length: character.length },
      (_, unit) => `\\u${character.charCodeAt(unit).toString(16).padStart(4, '0')}`,
    ).join(''),
  );
}

/** A value as JSON; a text in double quotes. All that is escaped stands in texts, so that it is the same JSON. */
export const printableJson = (value: unknown): string => printable(JSON.stringify(value));
