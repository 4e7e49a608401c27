// What the contract suites of the database's ports need: a guarded database, its clients, and its misfortunes.
import type { Fencing, LeaseGuard } from '../../shared/ports/database.ts';

/** A client's transaction. Refusals and lost connections throw; a refusal by the guard has `code` 25006. */
export type ClientTransaction = {
  write(text: string): Promise<void>;
  savepoint(): Promise<void>;
  rollBackToSavepoint(): Promise<void>;
  commit(): Promise<void>;
  /** PREPARE TRANSACTION: afterwards nobody's session holds it. */
  prepare(id: string): Promise<void>;
};

export type GuardedWorld = {
  guard: LeaseGuard;
  fencing: Fencing;
  begin(): Promise<ClientTransaction>;
  /** Finishes a prepared transaction, as its coordinator would. */
  commitPrepared(id: string): Promise<void>;
  /** A transaction that only reads, open while it lives: a dump, a report. */
  read(): Promise<{ again(): Promise<void> }>;
  /** What has been committed, in order. */
  committed(): Promise<string[]>;
  arm(): Promise<void>;
  restart(): Promise<void>;
  /** Lets that much time pass for the database. */
  pass(seconds: number): Promise<void>;
  /** Lets time pass until the guard is shut. */
  untilShut(): Promise<void>;
  close(): Promise<void>;
};
