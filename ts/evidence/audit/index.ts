// The visibility audit's surface: run it, and write its account out.

export { type AuditOptions, type AuditReport, audit } from './audit.ts';
export { AuditError } from './error.ts';
export { htmlOf } from './html.ts';
export { markdownOf } from './markdown.ts';
export { type Page, type PageTable, pageOf } from './page.ts';
