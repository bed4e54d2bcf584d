// Pages that commands make, and the forms that they are written in.

export { htmlOf } from './html.ts';
export { markdownOf } from './markdown.ts';
export type { Page, PageSection, PageTable } from './page.ts';
export { wrapped } from './wrapped.ts';
