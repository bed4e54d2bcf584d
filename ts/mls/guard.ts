// Runs calls into WebAssembly so that whatever goes wrong comes out as an MlsError,
// and so that an instance that trapped is never used again.

import type { ErrorDetails } from '../errors.ts';
import { MlsError, type MlsErrorCode, mlsErrors } from './errors.ts';

/** The life of one WebAssembly instance: once it has trapped, every later call is refused. */
export class Guard {
  #trap: unknown;
  #dead = false;

  get dead(): boolean {
    return this.#dead;
  }

  /**
   * Runs `call`; everything it throws comes out as an MlsError.
   * A trap, and a stack overflow, leave the instance's memory in an unknown state: `trapped`, then `instanceDead`.
   */
  run<T>(call: () => T): T {
    if (this.#dead) throw new MlsError('instanceDead', undefined, { cause: this.#trap });
    try {
      return call();
    } catch (error) {
      throw this.#translate(error);
    }
  }

  #translate(error: unknown): unknown {
    if (error instanceof MlsError) return error;
    if (error instanceof WebAssembly.RuntimeError || error instanceof RangeError) {
      this.#dead = true;
      this.#trap = error;
      return new MlsError('trapped', undefined, { cause: error });
    }
    if (error instanceof Error && 'code' in error && isCode(error.code)) {
      const details = 'details' in error ? (error.details as ErrorDetails) : undefined;
      return new MlsError(error.code, sentence(error.code, error.message), { details });
    }
    if (error instanceof TypeError) {
      return new MlsError('invalidArgument', undefined, { cause: error });
    }
    return new MlsError('internal', undefined, { cause: error });
  }
}

function isCode(code: unknown): code is MlsErrorCode {
  return typeof code === 'string' && Object.hasOwn(mlsErrors, code);
}

function sentence(code: MlsErrorCode, reason: string): string {
  const { means, remedy } = mlsErrors[code];
  return reason === '' ? `${means} ${remedy}` : `${means} (${reason}.) ${remedy}`;
}
