// struct ModeReport: ours, the body of `reportAbuse` where only the hub is to read the report, and must be shown that a
// member makes it.
//   struct { uint16 marker = 0xE0E5; opaque sealed<V>; } ModeReport;
//   struct { uint64 epoch; AbuseReport report; opaque proof<V>; } ProvenReport;  (what is sealed)

import type { Reader } from '../codec/reader.ts';
import { decoder, encoder } from '../codec/struct.ts';
import type { Writer } from '../codec/writer.ts';

export const MODE_REPORT_MARKER = 0xe0e5;

/** A report, and what shows that a member makes it: by a leaf, or by the write key of the epoch. */
export interface ProvenReport {
  /** Of the group, when the report was made. */
  readonly epoch: bigint;
  /** An AbuseReport. */
  readonly report: Uint8Array;
  readonly proof: Uint8Array;
}

export const encodeModeReport = encoder((writer: Writer, sealed: Uint8Array) => {
  writer.u16(MODE_REPORT_MARKER, 'marker');
  writer.opaque(sealed, 'sealed');
});

export const decodeModeReport = decoder((reader: Reader): Uint8Array => {
  const marker = reader.u16('marker');
  if (marker !== MODE_REPORT_MARKER) {
    throw reader.error('unknownValue', `${marker} does not begin a ModeReport.`, 'marker', 0);
  }
  return reader.opaque('sealed');
});

/** Whether the body of a `reportAbuse` is a ModeReport; anything else is the draft's struct, or damaged. */
export function isModeReport(body: Uint8Array): boolean {
  return body[0] === MODE_REPORT_MARKER >> 8 && body[1] === (MODE_REPORT_MARKER & 0xff);
}

export const encodeProvenReport = encoder((writer: Writer, value: ProvenReport) => {
  writer.u64(value.epoch, 'epoch');
  writer.opaque(value.report, 'report');
  writer.opaque(value.proof, 'proof');
});

export const decodeProvenReport = decoder(
  (reader: Reader): ProvenReport => ({
    epoch: reader.u64('epoch'),
    report: reader.opaque('report'),
    proof: reader.opaque('proof'),
  }),
);
