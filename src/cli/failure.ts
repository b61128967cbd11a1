/** How a command ends otherwise than well. */

/** Exit codes, as `gatepost help exit-codes` explains them. */
export const EXIT = { done: 0, failed: 1, misuse: 2, interrupted: 130 } as const;

/** It was refused, or did not succeed. @property hint what to do next */
export class Failure extends Error {
  readonly exitCode: number = EXIT.failed;
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}

/** The command was called in a way that means nothing; nothing was asked of the gateway. */
export class Misuse extends Failure {
  override readonly exitCode: number = EXIT.misuse;
}

/** Everything has been said already. */
export class Silent extends Failure {}

/** What is waited for goes on without us. */
export class Interrupted extends Failure {
  override readonly exitCode: number = EXIT.interrupted;
}
