// The visibility audit's surface: run it, and tell its account.

export { type AuditReport, audit } from './audit.ts';
export { pageOf } from './page.ts';
