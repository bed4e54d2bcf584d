// A signature key pair and the credential it stands for (RFC 9420, sections 5.1.2 and 5.3).

import type * as glue from '../../rust-core/pkg/exedra_core.js';
import { maxU16, wholeNumber } from './arguments.ts';
import type { KeyPair } from './crypto.ts';
import { Handle } from './handle.ts';
import { core } from './instance.ts';
import type { MemberStore } from './member_store.ts';
import { Reply, readCredential } from './reply.ts';
import type { CipherSuite, Credential } from './types.ts';

/** A signature key and a credential; the private key stays in the store's memory and rows. */
export class Identity implements Disposable {
  readonly #handle: Handle<glue.CoreIdentity>;
  readonly suite: CipherSuite;
  readonly signatureKey: Uint8Array;
  readonly credential: Credential;

  private constructor(inner: glue.CoreIdentity) {
    this.#handle = new Handle(inner);
    const reply = new Reply(this.#handle.use((identity) => identity.describe()));
    this.suite = reply.u16() as CipherSuite;
    this.signatureKey = reply.bytes();
    this.credential = readCredential(reply);
  }

  /**
   * Makes a fresh key pair for `credential` and keeps it in the store.
   * Throws MlsError `wrongSuite`, `invalidArgument`.
   */
  static create(store: MemberStore, suite: CipherSuite, credential: Credential): Identity {
    return new Identity(
      core(({ CoreIdentity }) =>
        CoreIdentity.create(
          store.inner,
          wholeNumber(suite, maxU16, 'suite'),
          wholeNumber(credential.type, maxU16, 'credential/type'),
          credential.bytes,
        ),
      ),
    );
  }

  /**
   * Keeps a key pair that was made elsewhere, such as by `deriveSignatureKeyPair`, for `credential`.
   * Throws MlsError `wrongSuite`, `invalidArgument` (also where the halves do not belong together).
   */
  static import(
    store: MemberStore,
    suite: CipherSuite,
    credential: Credential,
    { publicKey, privateKey }: KeyPair,
  ): Identity {
    return new Identity(
      core(({ CoreIdentity }) =>
        CoreIdentity.import(
          store.inner,
          wholeNumber(suite, maxU16, 'suite'),
          wholeNumber(credential.type, maxU16, 'credential/type'),
          credential.bytes,
          publicKey,
          privateKey,
        ),
      ),
    );
  }

  /** Loads the identity with this public key. Throws MlsError `noSuchIdentity`. */
  static load(store: MemberStore, signatureKey: Uint8Array): Identity {
    return new Identity(core(({ CoreIdentity }) => CoreIdentity.load(store.inner, signatureKey)));
  }

  /** SignWithLabel of RFC 9420, section 5.1.2; `label` without the prefix "MLS 1.0 ". */
  sign(label: string, content: Uint8Array): Uint8Array {
    return this.#handle.use((inner) => inner.sign(label, content));
  }

  /** For the other handles of this folder. */
  get inner(): glue.CoreIdentity {
    return this.#handle.inner;
  }

  [Symbol.dispose](): void {
    this.#handle.dispose();
  }
}
