// The public surface of the provider layer.

export type { AuditLog } from './enterprise/audit.ts';
export type { BreakGlassConfig, GlassBroken } from './enterprise/break_glass.ts';
export type { Deployment } from './enterprise/enterprise.ts';
export { ProviderError, type ProviderErrorCode } from './errors.ts';
export type { ProviderEvent } from './hub/context.ts';
export type { MandateChange, MandateIssued } from './hub/mandates.ts';
export type { RoomEntry, RoomInspection } from './inspect.ts';
export { defaultLimits, type Limits, type SomeLimits } from './limits.ts';
export type { PeerEndpoint, PeerReply, PeerTransport } from './peers.ts';
export { type DeviceOperation, Provider, type ProviderDeps, type Reply } from './provider.ts';
export type { DeviceIdentity } from './records/account_rows.ts';
export type { AuditEntry, AuditHead } from './records/audit_entry.ts';
export type { LedgerRow } from './records/enterprise_rows.ts';
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
