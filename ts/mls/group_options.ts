// What a group is created and joined with, and what a commit may hold; written for rust-core/src/group.

import { writeChanges } from './components.ts';
import { MlsError } from './errors.ts';
import { Request } from './request.ts';
import type { Component, ComponentChange, Credential } from './types.ts';

const empty = new Uint8Array();

/**
 * How proposals and commits of members travel: as PublicMessage, which a hub can read, or as PrivateMessage. Each
 * member refuses the other form. External commits and proposals of external senders are public in both.
 */
export type Handshakes = 'public' | 'private';

const forms: readonly Handshakes[] = ['public', 'private'];

/** Whether handshakes are private; 'public' when not given. Throws MlsError `invalidArgument`. */
export function isPrivate(handshakes: Handshakes = 'public'): boolean {
  if (!forms.includes(handshakes)) {
    throw new MlsError('invalidArgument', undefined, {
      details: { path: '/handshakes', rule: "'public' or 'private'" },
    });
  }
  return handshakes === 'private';
}

/** A party outside the group that may propose (RFC 9420, section 12.1.8.1), such as the hub. */
export interface ExternalSender {
  readonly signatureKey: Uint8Array;
  readonly credential: Credential;
}

/** From when until when a leaf may be used, in seconds since the epoch; at most 84 days and one hour. */
export interface Lifetime {
  readonly notBefore: number;
  readonly notAfter: number;
}

export interface GroupOptions {
  /** What the application data dictionary begins with. */
  readonly components?: readonly Component[] | undefined;
  /** What every leaf must support (RFC 9420, section 11.1), as code points. */
  readonly required?:
    | {
        readonly extensions: readonly number[];
        readonly proposals: readonly number[];
        readonly credentials: readonly number[];
      }
    | undefined;
  readonly externalSenders?: readonly ExternalSender[] | undefined;
  readonly handshakes?: Handshakes | undefined;
  /** Of the creator's own leaf; from an hour ago for 84 days when not given. */
  readonly lifetime?: Lifetime | undefined;
}

export interface JoinOptions {
  readonly handshakes?: Handshakes | undefined;
}

export interface JoinExternallyOptions extends JoinOptions {
  readonly aad?: Uint8Array | undefined;
  /** Proposals of others (MLSMessages) that wait at the hub and that the commit shall cover, such as self-removes. */
  readonly proposals?: readonly Uint8Array[] | undefined;
  /** Changes to components, with what comes of them. */
  readonly components?: readonly ComponentChange[] | undefined;
}

export interface CommitOptions {
  /** KeyPackage structs of those to add. */
  readonly add?: readonly Uint8Array[] | undefined;
  /** Leaf indices to remove. */
  readonly remove?: readonly number[] | undefined;
  /** Renew the own keys even where no rule demands it. */
  readonly update?: boolean | undefined;
  /** Authenticated data of the commit, in clear. */
  readonly aad?: Uint8Array | undefined;
  /** Pads a private commit so that its content is a multiple of this many bytes; a public one is never padded. */
  readonly paddingTo?: number | undefined;
  /** Changes to components, each once, with what comes of them. */
  readonly components?: readonly ComponentChange[] | undefined;
  /** Ids of external pre-shared keys that `storePsk` has kept, here and at every member who is to follow. */
  readonly psks?: readonly Uint8Array[] | undefined;
  /** For those whom the Welcome lets in, who get it by `takeWelcomeExtension`; nobody else can read it. */
  readonly welcomeExtension?: Uint8Array | undefined;
}

export function groupRequest(options: GroupOptions): Uint8Array {
  const request = new Request();
  return request
    .bool(isPrivate(options.handshakes))
    .optional(options.lifetime, ({ notBefore, notAfter }) => {
      request.u64(notBefore, 'lifetime/notBefore').u64(notAfter, 'lifetime/notAfter');
    })
    .optional(options.components, (components) => {
      request.list(components, ({ id, data }) => {
        request.u16(id, 'components/id').bytes(data, 'components/data');
      });
    })
    .optional(options.required, (required) => {
      for (const name of ['extensions', 'proposals', 'credentials'] as const) {
        request.list(required[name], (number) => {
          request.u16(number, `required/${name}`);
        });
      }
    })
    .optional(options.externalSenders, (senders) => {
      request.list(senders, ({ signatureKey, credential }) => {
        request
          .bytes(signatureKey, 'externalSenders/signatureKey')
          .u16(credential.type, 'externalSenders/credential/type')
          .bytes(credential.bytes, 'externalSenders/credential/bytes');
      });
    })
    .done();
}

export function externalJoinRequest(options: JoinExternallyOptions): Uint8Array {
  const request = new Request();
  request
    .bytes(options.aad ?? empty, 'aad')
    .list(options.proposals ?? [], (proposal) => {
      request.bytes(proposal, 'proposals');
    })
    .bool(isPrivate(options.handshakes));
  writeChanges(request, options.components ?? []);
  return request.done();
}

/** What a commit holds beside additions and removals; empty where there is nothing. */
export function commitRequest(options: CommitOptions): Uint8Array {
  const { components = [], psks = [], welcomeExtension } = options;
  if (components.length === 0 && psks.length === 0 && welcomeExtension === undefined) return empty;
  const request = new Request();
  writeChanges(request, components);
  return request
    .list(psks, (id) => {
      request.bytes(id, 'psks');
    })
    .optional(welcomeExtension, (extension) => {
      request.bytes(extension, 'welcomeExtension');
    })
    .done();
}
