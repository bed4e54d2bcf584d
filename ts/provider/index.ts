// The public surface of the provider layer.

export type { AnonymousOperation } from './accounts/operations.ts';
export { isReservedName } from './accounts/unlinked.ts';
export { DEPLOYMENTS, type Deployment } from './deployment.ts';
export type { ProviderDeps } from './deps.ts';
export type { AuditLog } from './enterprise/audit.ts';
export type { BreakGlassConfig, GlassBroken } from './enterprise/break_glass.ts';
export { ProviderError, type ProviderErrorCode } from './errors.ts';
export type { ProviderEvent } from './hub/context.ts';
export type { MandateChange, MandateIssued } from './hub/mandates.ts';
export type { RoomEntry, RoomInspection } from './inspect.ts';
export { defaultLimits, type Limits, type SomeLimits } from './limits.ts';
export type { DeviceOperation } from './operations.ts';
export type { PeerEndpoint, PeerReply, PeerTransport } from './peers.ts';
export { Provider } from './provider.ts';
export type { DeviceIdentity } from './records/account_rows.ts';
export type { AuditEntry, AuditHead } from './records/audit_entry.ts';
export type { LedgerRow } from './records/enterprise_rows.ts';
export type { KeptReport, Report, ReportedMessage } from './records/report_row.ts';
export type { Reply } from './reply.ts';
export type {
  AppendBatch,
  AppendRecord,
  FollowerCursor,
  Lease,
  RowRange,
  Store,
  StoredRecord,
  StoreRow,
} from './store.ts';
