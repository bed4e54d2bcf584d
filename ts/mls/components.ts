// Room components: the application data dictionary of a group and the commits that change it
// (draft-ietf-mls-extensions, sections 4.6 and 4.7). What an update means is not known here: the caller says what
// comes of it.

import { MlsError } from './errors.ts';
import { type Reply, readBytes, readSender } from './reply.ts';
import { Request } from './request.ts';
import type { Component, ComponentChange, ComponentQuestion, ComponentValue } from './types.ts';

/**
 * Says what comes of the changes in a commit: exactly one value for each component that it is asked about, undefined
 * where the component is removed. It must give the same for all members and the hub.
 */
export type Resolve = (changes: readonly ComponentQuestion[]) => readonly ComponentValue[];

export const readComponent = (reply: Reply): Component => ({
  id: reply.u16(),
  data: reply.bytes(),
});

export function readQuestion(reply: Reply): ComponentQuestion {
  return {
    id: reply.u16(),
    current: reply.optional(readBytes),
    updates: reply.list((r) => ({ update: r.optional(readBytes), sender: readSender(r) })),
  };
}

const writeOptional = (request: Request, value: Uint8Array | undefined, name: string): void => {
  request.optional(value, (bytes) => request.bytes(bytes, name));
};

export function writeChanges(request: Request, changes: readonly ComponentChange[]): void {
  request.list(changes, ({ id, update, value }) => {
    request.u16(id, 'components/id');
    writeOptional(request, update, 'components/update');
    writeOptional(request, value, 'components/value');
  });
}

/** What `resolve` answers, for the core. Throws MlsError `invalidCommit` where nobody can answer. */
export function resolved(reply: Reply, resolve: Resolve | undefined): Uint8Array {
  if (resolve === undefined) {
    throw new MlsError('invalidCommit', undefined, {
      details: { rule: 'changes components, and no `resolve` was given' },
    });
  }
  const request = new Request();
  return request
    .list(resolve(reply.list(readQuestion)), ({ id, value }) => {
      request.u16(id, 'resolve/id');
      writeOptional(request, value, 'resolve/value');
    })
    .done();
}
