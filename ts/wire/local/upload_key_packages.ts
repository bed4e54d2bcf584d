// struct UploadKeyPackages and its response of the local client API: ours.
//   struct { opaque keyPackages<V><V>; optional<opaque<V>> lastResort; } UploadKeyPackages;
//   struct { uint32 stored; uint32 stock; } UploadKeyPackagesResponse;

import type { Reader } from '../codec/reader.ts';
import { decoder, encoder } from '../codec/struct.ts';
import type { Writer } from '../codec/writer.ts';

/** KeyPackages without the header of an MLSMessage; the provider hands each out once, the last resort often. */
export interface UploadKeyPackages {
  readonly keyPackages: readonly Uint8Array[];
  readonly lastResort?: Uint8Array | undefined;
}

/** Counts: what was new, and what is now in stock, the last resort not counted. */
export interface UploadKeyPackagesResponse {
  readonly stored: number;
  readonly stock: number;
}

export function readUploadKeyPackages(reader: Reader): UploadKeyPackages {
  return {
    keyPackages: reader.opaqueList('keyPackages'),
    lastResort: reader.presence('lastResort') ? reader.opaque('lastResort') : undefined,
  };
}

export function writeUploadKeyPackages(writer: Writer, value: UploadKeyPackages): void {
  writer.opaqueList(value.keyPackages, 'keyPackages');
  writer.optional(value.lastResort, (to, bytes) => to.opaque(bytes, 'lastResort'));
}

export const encodeUploadKeyPackages = encoder(writeUploadKeyPackages);
export const decodeUploadKeyPackages = decoder(readUploadKeyPackages);

export function readUploadKeyPackagesResponse(reader: Reader): UploadKeyPackagesResponse {
  return { stored: reader.u32('stored'), stock: reader.u32('stock') };
}

export function writeUploadKeyPackagesResponse(
  writer: Writer,
  value: UploadKeyPackagesResponse,
): void {
  writer.u32(value.stored, 'stored');
  writer.u32(value.stock, 'stock');
}

export const encodeUploadKeyPackagesResponse = encoder(writeUploadKeyPackagesResponse);
export const decodeUploadKeyPackagesResponse = decoder(readUploadKeyPackagesResponse);
