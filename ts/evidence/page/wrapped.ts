// Text in lines of a width.

/** Characters of a line where nothing else is asked for. */
const LINE = 120;

/** The text with line breaks instead of spaces; a word that is longer than a line has one to itself. */
export function wrapped(text: string, width = LINE): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].join('\n');
}
