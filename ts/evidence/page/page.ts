// A page of sections of text and tables, before it is written in a form: markdown.ts, html.ts, or a terminal.

/** Rows of text under a head. */
export interface PageTable {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export interface PageSection {
  readonly title: string;
  readonly paragraphs: readonly string[];
  readonly tables: readonly PageTable[];
}

export interface Page {
  readonly title: string;
  /** Whether nothing was worse than expected. */
  readonly ok: boolean;
  readonly paragraphs: readonly string[];
  readonly sections: readonly PageSection[];
}
