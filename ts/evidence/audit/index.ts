// The visibility audit's surface: run it, and write its account out.

export { type AuditReport, audit, DEPLOYMENTS } from './audit.ts';
export { htmlOf } from './html.ts';
export { markdownOf } from './markdown.ts';
export { type Page, type PageSection, type PageTable, pageOf } from './page.ts';
export { wrapped } from './wrapped.ts';
