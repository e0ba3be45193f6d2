/**
 * Records the calls of a program as its guest: never fails a call, never delays one beyond a stated bound, and keeps what the
 * ledger cannot take in a spool until it can.
 *
 * <p>It owns the way of a record from the program to the ledger: {@link dev.tokenledger.recorder.Recorder} is the door, {@code
 * Spool} the file that every record is written to first, {@code Forwarder} the thread that carries it on. Invariants: what was
 * acknowledged is in the spool or in the ledger; records reach the ledger in the order of the spool; carrying one on twice is as
 * good as once. It is no queue for anything else, and reads no answers: that is the payloads' business.
 */
@NullMarked
package dev.tokenledger.recorder;

import org.jspecify.annotations.NullMarked;
