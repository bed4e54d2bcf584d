// The client layer's surface: what an app embeds.

export { Account, type AccountOptions } from './account.ts';
export type { CallOptions, ClientOperation, Connection, UnlinkedSets } from './connection.ts';
export type { Connections } from './connections.ts';
export {
  type CreateRoomOptions,
  Device,
  type DeviceOptions,
  type JoinOptions,
  type SyncReport,
} from './device.ts';
export { ClientError, type ClientErrorCode, isClientError } from './errors.ts';
export { type HttpConnectionOptions, httpConnection } from './http_connection.ts';
export type { Invitation } from './invitations.ts';
export {
  type KeyValue,
  type KeyValueChange,
  type KeyValueRow,
  memoryKeyValue,
} from './key_value.ts';
export type { DeviceEvents, Listener, Problem } from './notices.ts';
export type { SentMessage } from './outbox.ts';
export type { ReportOptions } from './report.ts';
export { Room } from './room.ts';
export type { Invited, InviteOptions, JoinLinkOptions } from './room_options.ts';
export type { RoomRules } from './rules.ts';
export type { Gap, ReceivedMessage } from './state/history_row.ts';
export type { RefusedCommit, RoomStatus } from './state/room_row.ts';
export type { PullOptions } from './stream.ts';
export type { Succeeded, SuccessionOptions } from './succeed.ts';
export {
  type UnlinkedConnection,
  type UnlinkedOptions,
  unlinkedConnection,
} from './unlinked/connection.ts';
